import { docsPages, sidebarProblems } from '../../docs-site/pages.mjs';
import { textOf } from './markdown.js';

// What needs the built site (dead links, foreign assets, the search, the API) `npm run docs:site` looks at itself; CI runs it.
describe('the documentation site', () => {
  it('given the pages of docs/, when the sidebar is made, then each stands in it once', () => {
    expect(sidebarProblems()).toEqual([]);
  });

  it('given a page that is not listed, and a listed one that is not there, when the sidebar is made, then both are named', () => {
    const pages = docsPages().filter((page) => page !== 'start.md');
    expect(sidebarProblems([...pages, 'new.md'])).toEqual([
      'docs/new.md stands in no section',
      'docs/start.md is named, and is not there',
    ]);
  });

  it('given the steps of CI, when they are read, then the site is one of them', () => {
    expect(textOf('.ci/run')).toMatch(/^ +step 'docs site' .* npm run --silent docs:site$/m);
  });
});
