import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { exitCodeOf } from '../../lib/cli/exit-code.js';
import * as leaves from '../../lib/core/errors/leaves.js';
import type { SecretError } from '../../lib/core/errors/index.js';
import { called } from '../cli/called.js';
import { partsOf } from './literal-parts.js';
import { rowsOf, textOf } from './markdown.js';

const page = 'docs/reference/command-line-errors.md';
const said = textOf(page);
const cli = join(process.cwd(), 'lib/cli');

/** What makes an error of the command line, or its text. */
const MAKERS = /^(?:UsageError|InitError|(?:spec|this)\.error)$/;
/** Shorter pieces are in every text. */
const SHORTEST = 8;

function messagesOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(join(cli, file), 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const makes = (ts.isNewExpression(node) || ts.isCallExpression(node)) && MAKERS.test(node.expression.getText());
    if (makes) found.push(...(node.arguments ?? []).flatMap(partsOf));
    if (file === 'commander-refusal.ts' && ts.isReturnStatement(node)) found.push(...partsOf(node));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const files = readdirSync(cli, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const pieces = files.flatMap((file) =>
  messagesOf(file)
    .map((piece) => piece.trim().replaceAll('’', "'"))
    .filter((piece) => piece.length >= SHORTEST && piece.includes(' '))
    .map((piece) => ({ file, piece })),
);

describe('the page of errors of the command line', () => {
  it('given what refuses in lib/cli, when its texts are looked up, then each is on the page', () => {
    expect(pieces.length).toBeGreaterThan(70);
    expect(pieces.filter(({ piece }) => !said.includes(piece))).toEqual([]);
  });

  it('given the codes, when the command line ends with one, then its exit code is that of the page', () => {
    const classes = Object.values(leaves) as unknown as (new (reason: string) => SecretError)[];
    const ends = classes.map((Class) => [new Class('failed.').code, String(exitCodeOf(new Class('failed.')))]);
    expect([...rowsOf(page, 'error')].map(([code, [exit]]) => [code, exit]).sort()).toEqual(ends.sort());
  });

  it('given the sample of the page, when these calls are made, then they say so', async () => {
    const misspelt = await called(['get', 'DB', '--feild', 'host']);
    const sourceless = await called(['list']);
    expect(misspelt.err + sourceless.err).toBe(/```text\n([^]*?)```/.exec(said)![1]);
  });
});
