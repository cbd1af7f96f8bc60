/** The secrets: a table where there is room, and a list of cards where there is not. */
export const TABLE_STYLE = `
.toolbar{display:flex;flex-wrap:wrap;align-items:center;gap:8px 14px;margin:24px 0 9px}
.toolbar .section{margin:0}
.chips{display:flex;flex-wrap:wrap;gap:5px;flex:1 1 auto}
.chips button{padding:2px 10px;border-radius:99px;font-size:13px;color:var(--soft)}
.chips button b{font-weight:600;color:var(--ink);margin-left:3px}
.chips button[aria-pressed=true]{background:var(--ink);border-color:var(--ink);color:var(--bg)}
.chips button[aria-pressed=true] b{color:var(--bg)}
.search{position:relative;flex:0 1 260px;min-width:150px}
.search input{width:100%;padding-right:30px}
kbd{position:absolute;right:8px;top:50%;transform:translateY(-50%);padding:0 6px;border:1px solid var(--line);border-radius:4px;font:12px var(--mono);color:var(--soft);pointer-events:none}
.search input:focus~kbd,.search input:not(:placeholder-shown)~kbd{display:none}
.table-card{overflow:hidden}
table{width:100%;border-collapse:collapse;table-layout:fixed}
th{padding:8px 12px;text-align:left;font-size:12px;font-weight:600;color:var(--soft);border-bottom:1px solid var(--line);white-space:nowrap}
td{padding:8px 12px;vertical-align:top;border-top:1px solid var(--faint);overflow-wrap:anywhere}
tbody tr:first-child td{border-top:0}
th:nth-child(1){width:24%}th:nth-child(2){width:11%}th:nth-child(3){width:13%}th:nth-child(4){width:13%}th:nth-child(5){width:15%}
th.act{width:98px}
td.act{text-align:right}
td.act button{padding:3px 9px;font-size:13px}
.name{display:flex;gap:8px;align-items:baseline;width:100%;padding:0;border:0;background:none;text-align:left;font-weight:600;overflow-wrap:anywhere}
.name span{font-family:var(--mono);font-size:13.3px;min-width:0}
.name::before{content:"";flex:none;width:6px;height:6px;border-right:1.5px solid var(--soft);border-bottom:1.5px solid var(--soft);transform:translateY(-2px) rotate(-45deg)}
.name[aria-expanded=true]::before{transform:translateY(-3px) rotate(45deg)}
.under{margin:2px 0 0 14px;font-size:12.8px;color:var(--soft)}
.tag{display:inline-flex;align-items:center;gap:5px;font-weight:600}
.tag::before{content:"";width:7px;height:7px;border-radius:50%;background:currentColor}
[data-standing=current] .tag{color:var(--ok)}
[data-standing=stale] .tag,[data-standing=failing] .tag,[data-standing=unread] .tag{color:var(--warn)}
[data-standing=ended] .tag{color:var(--bad)}
[data-standing=missing] .tag{color:var(--soft)}
.why{display:block;margin-top:2px;color:var(--ink)}
.version{font-family:var(--mono);font-size:12.6px;display:block;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.meter{display:block;height:5px;margin-top:6px;border-radius:3px;background:var(--faint);overflow:hidden}
.meter i{display:block;height:100%;width:calc(var(--part,0)*100%);border-radius:3px;background:var(--bar);transition:width .6s linear}
.meter.late i{background:var(--warn)}
.meter.over i{background:var(--bad)}
.none{color:var(--soft)}
.users{font-size:13px}
.users .soft{font-size:12.5px}
.share-current{background:var(--ok)}
.share-stale,.share-failing,.share-unread{background:var(--warn)}
.share-ended{background:var(--bad)}
.share-missing{background:var(--soft)}
.details td{padding:2px 12px 16px 34px;border-top:0;background:linear-gradient(var(--faint),transparent 40px)}
.details-grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,250px),1fr));gap:14px 28px;padding-top:10px}
.details h3{font-size:12px;font-weight:650;color:var(--soft);margin-bottom:4px}
.details li{display:flex;flex-wrap:wrap;gap:0 10px;padding:1px 0;font-size:13.3px}
.details time{color:var(--soft);white-space:nowrap}
.bad{color:var(--bad)}
.empty{padding:26px 16px;text-align:center;color:var(--soft)}
.pager{display:flex;align-items:center;justify-content:space-between;gap:12px;padding:9px 12px;border-top:1px solid var(--line);color:var(--soft)}
@media (max-width:860px){
table,tbody,tr,td{display:block;width:auto}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tbody tr{padding:10px 14px 12px;border-top:1px solid var(--line)}
tbody tr:first-child{border-top:0}
tbody td{padding:4px 0;border:0}
tbody tr:not(.details){display:grid;grid-template-columns:1fr 1fr;column-gap:18px}
tbody tr:not(.details) td:first-child,tbody tr:not(.details) td.users{grid-column:1/-1}
tbody tr:not(.details) td:not(:first-child):not(.act)::before{content:attr(data-label);display:block;font-size:11.5px;color:var(--soft)}
tbody tr:not(.details) td:has(>.none){display:none}
td.act{align-self:end}
td.last{grid-column:1}
td.last>*{display:inline;margin-right:.5em}
.name{font-size:15px}
.details h3{margin-top:4px}
.details td{padding:0 0 8px}
tr.details{border-top:0!important;padding-top:0!important}
.search{flex:1 1 100%}
}
`;
