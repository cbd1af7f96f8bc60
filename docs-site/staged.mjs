// What VitePress builds: a copy of `docs/`, with README and CHANGELOG, whose links to other files of the repository lead to where those are.
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { docsPages, root } from './pages.mjs';

/** Pages of the repository's root, with the names that they have on the site. */
const FROM_ROOT = { 'README.md': 'index.md', 'CHANGELOG.md': 'changelog.md' };

const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const repositoryUrl = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');

/** Where a link of a page leads on the site. `from`: the page's path in the repository. */
function target(link, from) {
  if (/^[a-z][a-z+.-]*:|^#/i.test(link)) return link;
  const [path, anchor] = link.split('#');
  const file = posix.join(posix.dirname(from), path);
  const hash = anchor === undefined ? '' : `#${anchor}`;
  const page = FROM_ROOT[file] ?? (file.startsWith('docs/') ? file.slice('docs/'.length) : undefined);
  if (page === undefined) return `${repositoryUrl}/blob/main/${file}${hash}`;
  const own = FROM_ROOT[from] ?? from.slice('docs/'.length);
  const relative = posix.relative(posix.dirname(own), page);
  return `${relative.startsWith('.') ? relative : `./${relative}`}${hash}`;
}

/** The text without its blocks of code changed. */
const outsideCode = (text, change) =>
  text
    .split(/(^```[^]*?^```$)/m)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('');

const rewritten = (text, from) =>
  outsideCode(text, (prose) =>
    prose.replaceAll(/(\]\()([^)\s]+)/g, (_, before, link) => `${before}${target(link, from)}`),
  );

export function stage(folder) {
  rmSync(folder, { recursive: true, force: true });
  const put = (page, from) => {
    const path = join(folder, page);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, rewritten(readFileSync(join(root, from), 'utf8'), from));
  };
  for (const [from, page] of Object.entries(FROM_ROOT)) put(page, from);
  for (const page of docsPages()) put(page, `docs/${page}`);
  cpSync(join(root, 'docs/images'), join(folder, 'images'), { recursive: true });
  // Files that pages link to as they are: rules, dashboards, policies.
  for (const path of readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })) {
    if (/\.(md|png)$/.test(path) || !/\.\w+$/.test(path)) continue;
    cpSync(join(root, 'docs', path), join(folder, 'public', path), { recursive: true });
  }
}
