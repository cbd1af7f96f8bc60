// `npm run docs`: what the documents point at has to be there: files they link to, headings of links with #, scripts they name.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const skipped = new Set(['node_modules', 'dist', '.git', '.cache', '.sample-app', '.build', 'coverage']);

function documents(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (skipped.has(entry.name)) return [];
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return documents(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** GitHub's names of headings. */
function anchors(path) {
  const headings = prose(readFileSync(path, 'utf8')).match(/^#{1,6} .+$/gm) ?? [];
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  );
}

const prose = (text) => text.replace(/^```.*?^```/gms, '');

function* problems(path) {
  const text = readFileSync(path, 'utf8');
  for (const [, target] of prose(text).matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g)) {
    if (/^[a-z][a-z+.-]*:/i.test(target)) continue;
    const [file, anchor] = target.split('#');
    const linked = file === '' ? path : resolve(dirname(path), decodeURIComponent(file));
    if (!existsSync(linked)) yield `links to ${target}, which is not there`;
    else if (anchor && statSync(linked).isFile() && linked.endsWith('.md') && !anchors(linked).includes(anchor)) {
      yield `links to ${target}, where there is no such heading`;
    }
  }
  for (const [, script] of text.matchAll(/\bnpm run (?:--silent )?([\w:-]+)/g)) {
    if (!(script in scripts)) yield `names the script "${script}", which package.json does not have`;
  }
}

const found = documents(root).flatMap((path) =>
  [...problems(path)].map((problem) => `${relative(root, path)} ${problem}`),
);
for (const line of found) console.error(line);
process.exit(found.length > 0 ? 1 : 0);
