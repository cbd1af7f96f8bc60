/** Colours, the head of the page, its cards and forms. */
export const LAYOUT_STYLE = `
:root{color-scheme:light dark;--bg:#f4f5f7;--card:#fff;--ink:#1a2130;--soft:#596477;--line:#dde1e8;--faint:#eceff3;--accent:#2a56c6;--on-accent:#fff;--ok:#1b7048;--warn:#8f5300;--bad:#b0241c;--ok-bg:#e6f4ec;--warn-bg:#fdf1dc;--bad-bg:#fdeae8;--bar:#6d8fe0;--shadow:0 1px 2px #1a21300d,0 1px 6px #1a21300a;--mono:ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#0f131a;--card:#171c26;--ink:#e3e8f0;--soft:#9aa5b6;--line:#2a3240;--faint:#212836;--accent:#8fb2ff;--on-accent:#0f131a;--ok:#72d3a2;--warn:#f0b65f;--bad:#ff9188;--ok-bg:#15291f;--warn-bg:#2e2412;--bad-bg:#331a19;--bar:#5b7fd6;--shadow:none}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}
h1,h2,h3,p,ul,dl,dd,figure{margin:0;padding:0}
ul{list-style:none}
[hidden]{display:none!important}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px;border-radius:4px}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.skip{position:absolute;left:-999px;top:0;z-index:9;padding:8px 12px;background:var(--card);color:var(--accent)}
.skip:focus{left:8px;top:8px}
.soft{color:var(--soft)}
.mono{font-family:var(--mono);font-size:.93em}
.top,main,footer{max-width:1240px;margin:0 auto;padding:0 20px}
.top{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:4px 16px;padding-top:18px;padding-bottom:14px}
.brand{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px;min-width:0}
.mark{width:20px;height:20px;fill:var(--accent)}
h1{font-size:17px;font-weight:650;letter-spacing:-.01em}
.replica{color:var(--soft);font-family:var(--mono);font-size:12.5px;overflow-wrap:anywhere}
.live{display:flex;align-items:center;gap:7px;color:var(--soft);font-size:13px}
.dot{width:8px;height:8px;border-radius:50%;background:var(--soft)}
[data-phase=live] .dot{background:var(--ok);animation:pulse 2.4s ease-in-out infinite}
[data-phase=silent] .dot{background:var(--bad)}
[data-phase=silent] .live{color:var(--bad);font-weight:600}
@keyframes pulse{50%{opacity:.35}}
.verdict{display:flex;gap:14px;align-items:flex-start;padding:16px 18px;border-radius:12px;background:var(--ok-bg);border:1px solid transparent}
.verdict[data-level=degraded]{background:var(--warn-bg)}
.verdict[data-level=down]{background:var(--bad-bg)}
.verdict h2{font-size:20px;line-height:1.3;font-weight:620;letter-spacing:-.012em}
.verdict p{margin-top:2px;color:var(--soft);font-size:14.5px}
.verdict-sign{flex:none;display:grid;place-items:center;width:26px;height:26px;border-radius:50%;background:var(--ok);color:var(--card);font-weight:700;font-size:15px;line-height:1}
[data-level=degraded]>.verdict-sign{background:var(--warn)}
[data-level=down]>.verdict-sign{background:var(--bad)}
.notice{margin-top:10px;padding:10px 14px;border-radius:10px;background:var(--card);border:1px solid var(--bad);color:var(--bad);font-weight:550}
.section{margin:24px 0 9px;font-size:12.5px;font-weight:650;letter-spacing:.04em;text-transform:uppercase;color:var(--soft)}
.card{background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow)}
.overview{display:flex;flex-wrap:wrap;gap:0 20px}
.overview section{flex:1 1 330px;min-width:0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,330px),1fr));gap:12px}
.cards>li{background:var(--card);border:1px solid var(--line);border-radius:12px;box-shadow:var(--shadow);padding:13px 16px 14px;min-width:0}
.card-head{display:flex;flex-wrap:wrap;align-items:center;gap:6px 10px}
.card-head h3{font-size:15px;font-weight:620;overflow-wrap:anywhere}
.card-head .mono{color:var(--soft);overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fill,minmax(104px,1fr));gap:9px 16px;margin-top:11px}
.facts dt{font-size:12px;color:var(--soft)}
.facts dd{font-size:14px;overflow-wrap:anywhere}
.facts.list{display:block;margin:0;font-size:13.3px}
.facts.list>div{display:grid;grid-template-columns:92px 1fr;gap:10px;padding:1px 0}
.facts.list dt,.facts.list dd{font-size:inherit}
.share{display:flex;gap:2px;height:6px;margin-top:14px;border-radius:3px;overflow:hidden;background:var(--faint)}
.share i{flex:0 0 auto;min-width:3px}
.good{color:var(--ok)}
.card-row{display:flex;gap:7px;margin-left:auto}
.card-row button{padding:3px 10px;font-size:13px}
button,input{font:inherit;color:inherit}
button{padding:5px 11px;white-space:nowrap;border:1px solid var(--line);border-radius:7px;background:var(--card);cursor:pointer}
button:hover:not(:disabled){border-color:var(--soft)}
button:disabled{opacity:.5;cursor:default}
button.primary{background:var(--accent);border-color:var(--accent);color:var(--on-accent);font-weight:600}
input{padding:6px 10px;border:1px solid var(--line);border-radius:7px;background:var(--card);min-width:0}
input::placeholder{color:var(--soft);opacity:1}
.door{max-width:460px;margin:9vh auto;padding:22px 24px 20px}
.door h2{font-size:18px;font-weight:620}
.door p{margin-top:4px}
.door label{display:block;margin-top:16px;font-weight:600;font-size:13px}
.door-row{display:flex;gap:8px;margin:5px 0 10px}
.door-row input{flex:1;padding:8px 11px}
.door .soft{font-size:12.5px}
.door.refused #door-text{color:var(--bad);font-weight:550}
dialog{width:min(430px,calc(100vw - 32px));padding:20px 22px;border:1px solid var(--line);border-radius:14px;background:var(--card);color:var(--ink);box-shadow:0 12px 40px #0006}
dialog::backdrop{background:#0a0e15a6}
dialog h2{font-size:16.5px;font-weight:620;overflow-wrap:anywhere}
dialog p{margin-top:6px;color:var(--soft)}
.dialog-row{display:flex;justify-content:flex-end;gap:8px;margin-top:18px}
.toast{position:fixed;left:50%;bottom:20px;transform:translateX(-50%);max-width:min(560px,calc(100vw - 32px));padding:9px 15px;border-radius:9px;background:var(--ink);color:var(--bg);box-shadow:0 6px 24px #0005;overflow-wrap:anywhere}
footer{padding-top:18px;padding-bottom:28px;font-size:12.5px}
[data-phase=silent] #content>:not(.notice){filter:grayscale(1);opacity:.5}
#content>*{transition:opacity .25s,filter .25s}
@media (max-width:480px){.top,main,footer{padding-left:12px;padding-right:12px}.verdict{padding:14px}.verdict h2{font-size:18px}}
@media (prefers-reduced-motion:reduce){*,*::before,*::after{animation:none!important;transition:none!important;scroll-behavior:auto!important}}
@media (forced-colors:active){.meter i,.share i,.dot,.verdict-sign{forced-color-adjust:none}}
`;
