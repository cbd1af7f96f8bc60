/** What stands in the page before there are data: the script fills it only by text, and never by HTML. */
export const MARKUP = `<a class="skip" href="#secrets-heading">Skip to the secrets</a>
<header class="top">
  <div class="brand">
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true"><path d="M14.5 2a7.5 7.5 0 0 0-7.2 9.6L2 16.9V22h5.1v-3h3v-3h2.3l.5-.5A7.5 7.5 0 1 0 14.5 2Zm2 7a2 2 0 1 1 0-4 2 2 0 0 1 0 4Z"/></svg>
    <h1>Secrets</h1>
    <span class="replica" id="replica"></span>
  </div>
  <p class="live" id="live"><span class="dot" aria-hidden="true"></span><span id="live-text">Connecting</span></p>
</header>
<p class="sr" role="status" aria-live="polite" id="announcer"></p>
<noscript><p class="notice">This page needs its script. Programs get JSON from the same address.</p></noscript>
<main>
  <form class="card door" id="door" hidden>
    <h2>Who asks?</h2>
    <p id="door-text">Enter the token of this status page.</p>
    <label for="token">Token</label>
    <div class="door-row">
      <input id="token" type="password" autocomplete="off" spellcheck="false" autocapitalize="off" required aria-describedby="door-text door-note">
      <button class="primary" type="submit">Show</button>
    </div>
    <p class="soft" id="door-note">It is kept in this page's memory only, and sent in a header: a reload asks again.</p>
  </form>
  <div id="content" hidden>
    <section class="verdict" id="verdict" data-level="ok" aria-labelledby="verdict-headline">
      <span class="verdict-sign" id="verdict-sign" aria-hidden="true"></span>
      <div>
        <h2 id="verdict-headline"></h2>
        <p id="verdict-rest"></p>
      </div>
    </section>
    <p class="notice" id="silence" hidden></p>
    <div class="overview">
    <section aria-labelledby="connections-heading">
      <h2 class="section" id="connections-heading">Connections</h2>
      <ul class="cards" id="connections"></ul>
    </section>
    <section id="resources-section" aria-labelledby="resources-heading" hidden>
      <h2 class="section" id="resources-heading">Resources</h2>
      <ul class="cards" id="resources"></ul>
    </section>
    </div>
    <section aria-labelledby="secrets-heading">
      <div class="toolbar">
        <h2 class="section" id="secrets-heading" tabindex="-1">Secrets</h2>
        <div class="chips" id="chips" role="group" aria-label="Show by standing"></div>
        <div class="search">
          <label class="sr" for="filter">Filter by name, user or connection</label>
          <input id="filter" type="search" placeholder="Filter" autocomplete="off" spellcheck="false" aria-keyshortcuts="/">
          <kbd aria-hidden="true">/</kbd>
        </div>
      </div>
      <div class="card table-card">
        <table role="table" aria-labelledby="secrets-heading">
          <thead role="rowgroup"><tr role="row" id="columns"></tr></thead>
          <tbody role="rowgroup" id="secrets"></tbody>
        </table>
        <p class="empty" id="empty" hidden></p>
        <nav class="pager" id="pager" aria-label="Pages of secrets" hidden>
          <button type="button" id="before">Previous</button>
          <span id="page-text"></span>
          <button type="button" id="after">Next</button>
        </nav>
      </div>
    </section>
  </div>
</main>
<footer class="soft" id="footer"></footer>
<dialog id="confirm" aria-labelledby="confirm-title" aria-describedby="confirm-text">
  <h2 id="confirm-title"></h2>
  <p id="confirm-text"></p>
  <div class="dialog-row"><button type="button" id="confirm-no">Cancel</button><button class="primary" type="button" id="confirm-yes"></button></div>
</dialog>
<p class="toast" id="toast" hidden></p>`;
