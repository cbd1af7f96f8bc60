import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as leaves from '../../lib/core/errors/leaves.js';
import type { SecretError } from '../../lib/core/errors/index.js';
import { SecretNotFoundError } from '../../lib/core/errors/index.js';
import { anchorsOf, rowsOf, textOf } from './markdown.js';

const page = 'docs/reference/errors.md';
const classes = Object.entries(leaves) as unknown as [string, new (reason: string) => SecretError][];
const codes = [
  ...readFileSync(join(process.cwd(), 'lib/core/errors/secret.error.ts'), 'utf8').matchAll(/^ {2}\| '(SECRET_\w+)'/gm),
].map(([, code]) => code!);

describe('the page of errors', () => {
  it('given the codes of the package, when the page is read, then each has a heading, and each heading of a code has one', () => {
    expect(codes.length).toBeGreaterThan(10);
    const headings = anchorsOf(page).filter((anchor) => anchor.startsWith('secret_'));
    expect(headings.sort()).toEqual(codes.map((code) => code.toLowerCase()).sort());
  });

  it('given the classes, when the table is read, then it has a row for each, with its code', () => {
    const rows = rowsOf(page, 'class');
    const expected = classes.map(([name, Class]) => [name, `\`${new Class('failed.').code}\``]);
    expect([...rows].map(([name, [code]]) => [name, code]).sort()).toEqual(expected.sort());
  });

  it.each(classes)('given a %s, when its help is followed, then it leads to the heading of its code', (_, Class) => {
    const error = new Class('failed.');
    const [file, anchor] = error.help.split('#');
    expect([file, anchor]).toEqual([`nestjs-hcp-vault/${page}`, error.code.toLowerCase()]);
    expect(anchorsOf(page)).toContain(anchor);
  });

  it('given the sample of the page, when such an error is printed, then it is so printed', () => {
    const where = { secretName: 'STRIPE_KEY', connection: 'default', sourceKind: 'memory' };
    const printed = inspect(new SecretNotFoundError(undefined, where), { breakLength: Infinity, compact: false });
    const [sample] = /SecretNotFoundError: [^`]+/.exec(textOf(page)) ?? [];
    for (const line of sample!.trim().split('\n')) expect(printed).toContain(line.trim().replace(/,$/, ''));
  });
});
