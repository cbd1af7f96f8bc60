import { randomBytes } from 'node:crypto';
import { MARKUP } from './markup.js';
import { READING_SCRIPT } from './reading.script.js';
import { ROWS_SCRIPT } from './rows.script.js';
import { LAYOUT_STYLE } from './layout.style.js';
import { TABLE_STYLE } from './table.style.js';
import { VIEW_SCRIPT } from './view.script.js';
import { WORDS_SCRIPT } from './words.script.js';

/** What the page is told at its making: nothing of a secret, not even a name. */
export interface PageSettings {
  readonly access: 'guard' | 'token' | 'open';
  /** Whether who asked for it was let in. */
  readonly isIn: boolean;
  readonly hasActions: boolean;
}

/** The page, made again for each request, and the policy that it is sent with: nothing runs in it but what bears its nonce. */
export function statusPage(settings: PageSettings): { readonly html: string; readonly policy: string } {
  const nonce = randomBytes(16).toString('base64');
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
  const script = [WORDS_SCRIPT, ROWS_SCRIPT, VIEW_SCRIPT, READING_SCRIPT].join('\n');
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex, nofollow">
<title>Secrets</title>
<link rel="icon" href="data:,">
<style nonce="${nonce}">${LAYOUT_STYLE}${TABLE_STYLE}</style>
</head>
<body data-phase="starting">
${MARKUP}
<script type="application/json" id="settings">${inScript(settings)}</script>
<script type="module" nonce="${nonce}">${script}</script>
</body>
</html>
`;
  return { html, policy };
}

/** JSON that ends no script, whatever is in it. */
const inScript = (data: object): string => JSON.stringify(data).replaceAll('<', String.raw`\u003c`);
