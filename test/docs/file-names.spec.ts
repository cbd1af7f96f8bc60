import { pages, snippetsOf, textOf } from './markdown.js';

/** In the text right above a snippet, between backticks. */
const FILE = /`[^`]+\.ts`/;

// Recipes have a test of their own: their pages repeat the files of test/recipes word for word.
const named = pages().filter((page) => page.startsWith('docs/') && !page.startsWith('docs/recipes/'));
const snippets = named.flatMap((page) => snippetsOf(page).map(({ line }) => ({ page, line })));

/** The last line with text before the block. */
const above = (page: string, line: number): string =>
  textOf(page)
    .split('\n')
    .slice(0, line - 2)
    .findLast((text) => text.trim() !== '') ?? '';

describe('the names of files over snippets', () => {
  it('given a snippet that is a whole file, when a reader comes to it, then the text right above says where that file stands', () => {
    expect(snippets.length).toBeGreaterThan(80);
    expect(snippets.filter(({ page, line }) => !FILE.test(above(page, line)))).toEqual([]);
  });
});
