import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import ts from 'typescript';
import { CompiledPackage } from '../sample-app/compiled-package.js';
import { errorsOf } from './compiler.js';
import { pages, snippetsOf, textOf } from './markdown.js';

const snippets = pages().flatMap((page) =>
  snippetsOf(page).map(({ line, code }) => ({ place: `${page}:${line}`, code })),
);

// What a snippet declares for the package holds for a whole program.
const augments = ({ code }: { code: string }): boolean => code.includes('declare module');

// What test/recipes has as files of several, or runs with a vitest that is installed there alone.
const compiledElsewhere = ({ place, code }: { place: string; code: string }): boolean =>
  place.startsWith('docs/recipes/') || code.includes("from './") || code.includes("from 'vitest'");

let compiled: CompiledPackage;
beforeAll(() => {
  compiled = new CompiledPackage();
}, 60_000);
afterAll(() => compiled?.remove());

describe('the snippets of the documentation', () => {
  it('given all of them, when they are compiled, then there is no error', () => {
    expect(snippets.length).toBeGreaterThan(10);
    expect(errorsOf(snippets.filter((snippet) => !augments(snippet) && !compiledElsewhere(snippet)))).toEqual([]);
  }, 60_000);

  it.each(snippets)(
    'given $place, when it is pasted into a CommonJS app, then it awaits nothing at its top level',
    ({ code }) => {
      const awaits = (node: ts.Node): boolean =>
        !ts.isFunctionLike(node) &&
        (ts.isAwaitExpression(node) ||
          (ts.isForOfStatement(node) && node.awaitModifier !== undefined) ||
          ts.forEachChild(node, awaits) === true);
      expect(awaits(ts.createSourceFile('snippet.ts', code, ts.ScriptTarget.Latest))).toBe(false);
    },
  );

  it.each(snippets.filter(augments))(
    'given the types that $place declares, when it is compiled, then there is no error',
    (snippet) => {
      expect(errorsOf([snippet])).toEqual([]);
    },
    60_000,
  );

  it.each([
    ['README.md', 0, 'The key has 7 characters.'],
    ['docs/testing.md', 0, 'from the test'],
    ['docs/testing.md', 3, '1 after'],
    ['docs/testing.md', 5, '0 '],
    ['docs/main-ts.md', 0, '7 11'],
    ['docs/main-ts.md', 1, '14'],
    ['docs/unit-tests.md', 0, 'sk-test token-test us 5 with sk-test'],
    ['docs/unit-tests.md', 1, 'mock'],
    ['docs/unit-tests.md', 2, 'of the test'],
  ])(
    'given snippet %s #%i, when it is run, then it prints %j',
    async (page, index, printed) => {
      const path = compiled.write('snippet.ts', snippetsOf(page)[index]!.code);
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [path], { env: { NO_COLOR: '1' } });
      expect(stdout.split('\n').some((line) => line.startsWith(printed))).toBe(true);
      expect(stderr).toBe('');
    },
    60_000,
  );

  it.each([
    ['docs/contributing-a-source.md', 'a-source/consul.server.ts'],
    ['docs/contributing-a-source.md', 'a-source/consul.contract.ts'],
    ['docs/contributing-a-source.md', 'a-source/consul.source.ts'],
    ['docs/overlap.md', 'overlap/webhooks.service.ts'],
    ['docs/channels.md', 'channels/postgres-events.ts'],
    ['docs/overlap.md', 'overlap/tokens.service.ts'],
    ['docs/overlap.md', 'overlap/api-key.guard.ts'],
  ])('given the recipe in %s, when it is read, then it shows %s as test/recipes runs it', (page, file) => {
    expect(snippetsOf(page).map(({ code }) => code)).toContain(textOf(join('test/recipes', file)));
  });
});
