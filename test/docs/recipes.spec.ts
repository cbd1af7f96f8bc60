import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsOfTable, snippetsOf, textOf } from './markdown.js';

const RECIPES = 'test/recipes';
const INDEX = 'docs/recipes/README.md';

const filesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file));

/** Every module that a test of recipes runs, without blank lines' weight. */
const modules = new Map(
  filesIn(RECIPES)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts') && !/\/(support|generated)\//.test(file))
    .map((file) => [textOf(file), file]),
);

const pages = filesIn('docs/recipes').filter((file) => file.endsWith('.md') && file !== INDEX);
const specs = filesIn(RECIPES).filter((file) => file.endsWith('.load.spec.ts'));

/** The recipes that specs put under load, with their pages. */
const recipes = specs.flatMap((spec) =>
  [...readFileSync(spec, 'utf8').matchAll(/recipe: '([^']+)',\s*page: '([^']+)'/g)].map(([, recipe, page]) => ({
    recipe: recipe!,
    page: page!,
    spec,
  })),
);

describe('the recipes', () => {
  it.each(pages)('given %s, when its snippets are compared, then each is a file that the tests run', (page) => {
    const snippets = snippetsOf(page);
    expect(snippets.length).toBeGreaterThan(0);
    for (const { code, line } of snippets)
      expect([`${page}:${line}`, modules.has(code)]).toEqual([`${page}:${line}`, true]);
  });

  it.each(pages)(
    'given %s, when the files that make a client are counted, then each has at most fifteen lines',
    (page) => {
      for (const { code } of snippetsOf(page)) {
        const file = modules.get(code) ?? '';
        if (!/\.(provider|module)\.ts$/.test(file)) continue;
        expect([file, code.split('\n').filter((text) => text.trim() !== '').length <= 15]).toEqual([file, true]);
      }
    },
  );

  it('given the table, when it is held against the specs, then each recipe has its line, no operation failed, and two at most were alive', () => {
    const [, ...lines] = rowsOfTable(INDEX, 'recipe');
    expect(recipes.length).toBeGreaterThan(7);
    expect(lines.map(([link]) => link).sort()).toEqual(
      recipes.map(({ recipe, page }) => `[${recipe}](${page})`).sort(),
    );
    for (const [link, , ...cells] of lines) {
      const alive = cells.pop();
      expect([link, Number(alive) <= 2]).toEqual([link, true]);
      const seen = cells.filter((cell) => /^0 of [\d,]+$/.test(cell));
      const notServed = cells.filter((cell) => /^[a-z ]+$/.test(cell));
      expect([link, seen.length + notServed.length, seen.length >= 1]).toEqual([link, cells.length, true]);
    }
  });
});
