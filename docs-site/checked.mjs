// What a built site has to hold: everything that a page loads comes with it, each link leads to a page and a heading that are there, and the search
// finds each page of `docs/`, and none of the API's.
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { pathToFileURL } from 'node:url';
import MiniSearch from 'minisearch';
import { docsPages, root } from './pages.mjs';

const base = process.env.DOCS_BASE ?? '/';

export async function checkSite(site) {
  const files = readdirSync(site, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => statSync(join(site, file)).isFile());
  const read = (file) => readFileSync(join(site, file), 'utf8');
  return [...foreignAssets(files, read), ...deadLinks(site, files, read), ...(await unfoundPages(site, files, read))];
}

const FOREIGN = /^(?:https?:)?\/\//i;

/** What a browser loads by itself from another host: scripts, styles, fonts, images, frames. */
function foreignAssets(files, read) {
  const loads = (file) => {
    const text = read(file);
    if (file.endsWith('.css')) {
      return [...text.matchAll(/(?:url\(|@import)\s*["']?([^"')\s;]+)/g)].map(([, url]) => url);
    }
    const [tags, hints] = [
      text.matchAll(/<(?:script|img|iframe|source|video|audio|embed)\b[^>]*?\s(?:src|srcset)="([^"]+)"/g),
      text.matchAll(/<link\b[^>]*?\shref="([^"]+)"/g),
    ];
    return [...tags, ...hints].map(([, url]) => url);
  };
  return files
    .filter((file) => /\.(html|css)$/.test(file))
    .flatMap((file) => loads(file).filter((url) => FOREIGN.test(url)).map((url) => `${file} loads ${url}`)); // prettier-ignore
}

/** VitePress knows of pages that are not there, not of headings; TypeDoc's pages it does not know. */
function deadLinks(site, files, read) {
  const pages = new Map(files.filter((file) => file.endsWith('.html')).map((file) => [file, read(file)]));
  const ids = new Map([...pages].map(([file, text]) => [file, new Set([...text.matchAll(/\s(?:id|name)="([^"]+)"/g)].map(([, id]) => id))])); // prettier-ignore
  const faults = new Set();
  for (const [file, text] of pages) {
    if (file === '404.html') continue;
    for (const [, href] of text.matchAll(/<a\b[^>]*?\shref="([^"]+)"/g)) {
      if (/^[a-z][a-z+.-]*:|^\/\//i.test(href)) continue;
      const [path, anchor] = href.replaceAll('&amp;', '&').split('#').map(decodeURIComponent);
      const absolute = path.startsWith(base) ? path.slice(base.length) : posix.join(dirname(file), path);
      const target = path === '' ? file : pageOf(site, absolute);
      if (target === undefined) faults.add(`${file} links to ${href}, which is not there`);
      else if (anchor && pages.has(target) && !ids.get(target).has(anchor)) {
        faults.add(`${file} links to ${href}, where there is no such heading`);
      }
    }
  }
  return [...faults];
}

function pageOf(site, path) {
  const candidates = [path, `${path}.html`, posix.join(path, 'index.html')];
  return candidates.find((file) => existsSync(join(site, file)) && statSync(join(site, file)).isFile());
}

async function unfoundPages(site, files, read) {
  const index = files.find((file) => /localSearchIndex.*\.js$/.test(file));
  if (index === undefined) return ['there is no search index'];
  const { default: json } = await import(pathToFileURL(join(site, index)).href);
  // As VitePress' own box for it has it.
  const search = MiniSearch.loadJSON(json, { fields: ['title', 'titles', 'text'], storeFields: ['title', 'titles'] });
  const faults = [];
  for (const page of docsPages()) {
    const id = `${base}${page.replace(/(?:(^|\/)index)?\.md$/, (_, folder) => folder ?? '.html')}`; // `folder/` of `folder/index.md`
    const word = longestWord(readFileSync(join(root, 'docs', page), 'utf8'));
    const found = search.search(word).some((hit) => hit.id.split('#')[0] === id);
    if (!found) faults.push(`the search for "${word}" does not find docs/${page}`);
  }
  if (read(index).includes(`"${base}api/`)) faults.push('pages of the API are in the search index');
  return faults;
}

/** Of the page's sentences: nothing that is in code, or part of a link. */
const longestWord = (text) =>
  text
    .replaceAll(/^```[^]*?^```$/gm, '')
    .replaceAll(/`[^`\n]*`|\]\([^)]*\)/g, ' ')
    .match(/[a-z]{4,}/g)
    .sort((one, other) => other.length - one.length)[0];
