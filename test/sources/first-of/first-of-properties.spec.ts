import type { SecretSource } from 'nestjs-hcp-vault';
import { firstOf, memorySource, SecretVersion } from 'nestjs-hcp-vault';
import { scripted } from '../../support/scripted-connection.js';

/** A source that holds these names, and tells what was written, with which `cas`. */
function writable(names: readonly string[], takesCas: boolean) {
  const written: unknown[] = [];
  const source: SecretSource = {
    kind: takesCas ? 'with-cas' : 'without-cas',
    takesCas,
    read: async (asked) => new Map(asked.filter((name) => names.includes(name)).map((n) => [n, SecretVersion.of('v')])),
    exists: async (name) => names.includes(name),
    write: async (name, _, { cas }) => void written.push([name, cas]),
  };
  return { source, written };
}

const clientOf = (source: SecretSource) => scripted({}, { more: source }).client;

describe('what a firstOf says of itself', () => {
  it.each([
    [
      'no bound',
      [memorySource({}), { ...memorySource({}), kind: 'account', read: async () => new Map(), isBounded: false }],
      false,
    ],
    ['bounds', [memorySource({}), { kind: 'plain', read: async () => new Map() }], true],
  ] as const)('given a source with %s, when asked, then `isBounded` is %p', (_, sources, isBounded) => {
    expect(firstOf(...sources).isBounded).toBe(isBounded);
  });

  it.each<[string, readonly Partial<SecretSource>[], boolean]>([
    ['none can end a lease', [{}, {}], false],
    ['the one that can leaves them', [{}, { revoke: async () => undefined, keepsLeases: true }], true],
    [
      'one of two that can ends them',
      [{ revoke: async () => undefined }, { revoke: async () => undefined, keepsLeases: true }],
      false,
    ],
  ])('given that %s, when asked, then closing `keepsLeases` accordingly', (_, parts, keepsLeases) => {
    const sources = parts.map((part, at) => ({ kind: `part-${at}`, read: async () => new Map(), ...part }));
    expect(firstOf(...sources).keepsLeases).toBe(keepsLeases);
  });

  it('given a whole account among the sources, when all is fetched, then that is refused, and nothing is read', async () => {
    let calls = 0;
    const count = async () => ((calls += 1), []);
    const account: SecretSource = { kind: 'account', isBounded: false, read: async () => new Map(), list: count };
    const client = clientOf(firstOf(memorySource({ KEY: 'v' }), account));
    await expect(client.fetchSecrets()).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(calls).toBe(0);
  });

  it('given a write with `cas`, when the source that has the secret can hold it, then it gets it', async () => {
    const [plain, exact] = [writable(['OTHER'], false), writable(['KEY'], true)];
    await clientOf(firstOf(plain.source, exact.source)).update('KEY', 'new', { cas: 3 });
    expect([plain.written, exact.written]).toEqual([[], [['KEY', '3']]]);
  });

  it('given a write with `cas`, when the source that has the secret would write over anything, then nothing is written', async () => {
    const [plain, exact] = [writable(['KEY'], false), writable([], true)];
    const client = clientOf(firstOf(plain.source, exact.source));
    await expect(client.update('KEY', 'new', { cas: 3 })).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      sourceKind: 'without-cas',
    });
    await expect(client.update('KEY', 'new')).resolves.toBeUndefined();
    expect([plain.written, exact.written]).toEqual([[['KEY', undefined]], []]);
    expect(firstOf(plain.source).takesCas).toBe(false);
  });
});
