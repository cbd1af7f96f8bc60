import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as leaves from '../../lib/core/errors/leaves.js';
import type { SecretError } from '../../lib/core/errors/index.js';
import { SecretNotFoundError } from '../../lib/core/errors/index.js';
import { toVaultError } from '../../lib/sources/vault/client/error-answer.js';
import * as vaultErrors from '../../lib/sources/vault/client/vault.errors.js';
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

  const ofVault = Object.entries(vaultErrors).filter(([name]) => /^Vault\w*Error$/.test(name)) as unknown as [
    string,
    new (message: string) => vaultErrors.VaultError,
  ][];

  it('given the classes of VaultClient, when their table is read, then it has a row for each', () => {
    expect(ofVault.length).toBeGreaterThan(8);
    expect([...rowsOf(page, 'error class').keys()].sort()).toEqual(ofVault.map(([name]) => name).sort());
  });

  it.each(ofVault)('given a %s, when its help is followed, then it leads to its own heading', (name, Class) => {
    const [file, anchor] = new Class('failed.').help.split('#');
    expect([file, anchor]).toEqual([`nestjs-hcp-vault/${page}`, name.toLowerCase()]);
    expect(anchorsOf(page)).toContain(anchor);
  });

  it('given the statuses of the table, when Vault answers with one, then it is that class', () => {
    for (const [name, [status]] of rowsOf(page, 'error class')) {
      if (!/^\d+$/.test(status!) || name === 'VaultWrappingTokenError') continue;
      const answer = {
        status: Number(status),
        header: () => undefined,
        text: () => '',
        body: new Uint8Array(),
      } as never;
      expect(toVaultError('GET', 'secret/data/app', answer).name).toBe(name);
    }
  });

  it('given the sample of an error of VaultClient, when such an error is printed, then it is so printed', () => {
    const text = () => JSON.stringify({ errors: ['permission denied'] });
    const error = toVaultError('GET', 'secret/data/app', { status: 403, header: () => undefined, text } as never);
    const printed = inspect(error, { breakLength: 100, compact: 3 });
    const [sample] = /VaultForbiddenError: [^`]+/.exec(textOf(page)) ?? [];
    for (const line of sample!.trim().split('\n')) expect(printed).toContain(line.trim());
  });
});
