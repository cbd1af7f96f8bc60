import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, sidebar } from '../pages.mjs';
import { slugOf } from '../slugs.mjs';

const { name, description, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Pages are texts: a `{{` in them, also in code, is not Vue's. */
function withoutInterpolation(md) {
  const { renderer } = md;
  const render = renderer.render.bind(renderer);
  renderer.render = (...args) => render(...args).replaceAll('{{', '&#123;&#123;');
}

export default {
  title: name,
  description,
  lang: 'en',
  srcDir: '.build/pages',
  outDir: '.build/site',
  cacheDir: '.build/cache',
  // Where the site does not stand at the root of its host, e.g. `/nestjs-hcp-vault/`.
  base: process.env.DOCS_BASE ?? '/',
  markdown: {
    html: false, // `<name>` in a sentence is text
    anchor: { slugify: slugOf },
    toc: { slugify: slugOf },
    config: withoutInterpolation,
  },
  ignoreDeadLinks: 'localhostLinks', // what the sample app prints; any other fails the build
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Getting started', link: '/start' },
      { text: 'API', link: '/api/index.html', target: '_self' },
      { text: version, link: '/changelog' },
    ],
    sidebar: [
      ...sidebar(),
      { text: 'API', link: '/api/index.html', target: '_self' },
      { text: 'Changelog', link: '/changelog' },
    ],
  },
};
