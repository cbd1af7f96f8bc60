import { inspect } from 'node:util';
import { memorySource, SecretNotFoundError, SecretVersion, type SecretSource } from 'nestjs-hcp-vault';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { dateAt, displayed } from '../../lib/core/clock.js';
import { toMilliseconds } from '../../lib/core/duration.js';
import { foreignText } from '../../lib/core/errors/foreign-text.js';
import { isSecretError } from '../../lib/core/errors/index.js';
import { nearNames, SearchEffort } from '../../lib/core/options/near-names.js';
import { guardedLogger } from '../../lib/core/refresh/guarded-logger.js';
import { isSecretVersion } from '../../lib/core/secret/secret-version.js';
import { isVaultError } from '../../lib/sources/vault/client/index.js';
import { FakeClock } from '../support/fake-clock.js';
import { scripted } from '../support/scripted-connection.js';

const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const SAYS_YES = new Proxy({}, { has: () => true, get: () => 'canary of a mock' });
const THROWS = new Proxy(
  {},
  {
    has: () => {
      throw new Error('canary-trap');
    },
    getOwnPropertyDescriptor: () => {
      throw new Error('canary-trap');
    },
    getPrototypeOf: () => {
      throw new Error('canary-trap');
    },
  },
);
const ODD: [string, () => unknown][] = [
  ['a revoked Proxy', revoked],
  ['a Proxy that has everything', () => SAYS_YES],
  ['a Proxy that throws', () => THROWS],
  [
    'an object with an error of ours for a prototype',
    () => Object.create(new SecretNotFoundError('x'), { message: { value: 'canary-message' } }) as object,
  ],
  ['an object with a version of ours for a prototype', () => Object.create(SecretVersion.of('canary-value')) as object],
  ['an object with our mark', () => ({ [Symbol.for('nestjs-hcp-vault.SecretVersion')]: true, value: 'canary-value' })],
];

describe('what looks like ours and is not', () => {
  it.each(ODD)('given %s, when asked whether it is ours, then it is not, and nothing is thrown', (_, make) => {
    expect([isSecretError(make()), isVaultError(make()), isSecretVersion(make())]).toEqual([false, false, false]);
  });

  it.each(ODD)(
    'given %s, thrown by code of the user’s, when it is told, then without its text, and nothing is thrown',
    (_, make) => {
      expect(foreignText(make())).not.toContain('canary');
      const error = new SecretNotFoundError('x', { cause: make() });
      expect(inspect(error, { showHidden: true, depth: 5 })).not.toContain('canary');
    },
  );

  it.each(ODD)(
    'given %s, thrown by a source, when secrets are read, then it is that reading’s error, and tells nothing',
    async (_, make) => {
      for (const method of ['read', 'list', 'exists', 'write', 'readAll'] as const) {
        const source: SecretSource = {
          kind: 'odd',
          read: () => Promise.resolve(new Map()),
          [method]: () => {
            throw make();
          },
        };
        const runtime = new SecretRuntime({ source, clock: new FakeClock() });
        const client = new HcpVaultClient(runtime);
        const call = {
          read: () => client.fetch('A'),
          list: () => client.list(),
          exists: () => client.exists('A'),
          write: () => client.update('A', 'x'),
          readAll: () => client.fetchSecrets(),
        }[method];
        const error: unknown = await call().catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', connection: 'default' });
        expect(inspect(error, { showHidden: true, depth: 5 })).not.toContain('canary');
        await runtime.shutdown();
      }
    },
  );

  it.each(ODD)(
    'given %s in the place of a version, when read, then that name fails, and its neighbour is there',
    async (_, make) => {
      const source: SecretSource = {
        kind: 'odd',
        read: () =>
          Promise.resolve(
            new Map<string, never>([
              ['A', make() as never],
              ['B', SecretVersion.of('b') as never],
            ]),
          ),
      };
      const client = new HcpVaultClient(new SecretRuntime({ source, clock: new FakeClock() }));
      const [a, b] = await Promise.allSettled([client.fetch('A'), client.fetch('B')]);
      expect(a.status).toBe('rejected');
      expect(b).toMatchObject({ value: 'b' });
      expect(inspect(a)).not.toContain('canary');
    },
  );
});

describe('loggers that fail', () => {
  it.each([
    ['throws', () => { throw new Error('EPIPE'); }],
    ['rejects', () => Promise.reject(new Error('EPIPE'))],
  ] as const)('given one that %s, when secrets rotate, fail and end, then values are current, and nothing else is thrown', async (_, write) => {
    const logger = { log: write, warn: write, error: write, debug: write } as never;
    const set = scripted({ logger, cache: { maxAge: '1m', maxStale: '1m' } });
    set.backend.set('A', { value: 'one' });
    await set.start('A');
    set.backend.set('A', { value: 'two' });
    expect(await set.client.refresh()).toMatchObject({ changed: ['A'] });
    expect(set.client.get('A')).toBe('two');
    set.backend.set('A', { failure: new SecretNotFoundError('gone') });
    await set.client.refresh();
    await set.clock.advance(600_000);
    expect(() => guardedLogger(logger).warn('x')).not.toThrow();
  }); // prettier-ignore
});

describe('numbers and names from elsewhere', () => {
  it.each(['9999999y', 1e20, 1e300])(
    'given a duration of %s, when it is an option, then it is refused by name',
    (duration) => {
      expect(() => toMilliseconds(duration, 'cache.maxAge')).toThrow(/"cache\.maxAge" is longer than a hundred years/);
      const make = () => new SecretRuntime({ source: memorySource({}), cache: { maxAge: duration } });
      expect(make).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }) as Error);
    },
  );

  it('given a time that no Date can hold, when it is shown, then there is none', () => {
    expect([displayed(1e300, new FakeClock()), dateAt(1e300), dateAt(0)?.getTime()]).toEqual([undefined, undefined, 0]);
  });

  it('given a source whose lease lasts beyond all dates, when its secret is read and status() asked, then it is there', async () => {
    const lease = { id: 'l', duration: 1e18, renewable: false };
    const source: SecretSource = {
      kind: 'odd',
      read: (names) => Promise.resolve(new Map(names.map((name) => [name, SecretVersion.of('v', { lease })]))),
    };
    const client = new HcpVaultClient(new SecretRuntime({ source, clock: new FakeClock() }));
    await expect(client.fetch('A')).resolves.toBe('v');
    expect(client.status()).toHaveLength(1);
  });

  it.each([
    ['throws', () => { throw new Error('canary-canonical'); }],
    ['gives no name', () => 42 as never],
  ] as const)('given a canonicalName that %s, when a secret is asked for, then by the name as it is', async (_, canonicalName) => {
    const source: SecretSource = {
      kind: 'odd',
      read: (names) => Promise.resolve(new Map(names.map((name) => [name, SecretVersion.of(`of ${name}`)]))),
      canonicalName,
    };
    const client = new HcpVaultClient(new SecretRuntime({ source, clock: new FakeClock() }));
    await expect(client.fetch('A')).resolves.toBe('of A');
    await expect(client.refresh('B')).resolves.toMatchObject({ failed: [] });
    expect(client.ref('A').value).toBe('of A');
  }); // prettier-ignore

  it('given many names that are missing and many that are near, when near ones are looked for, then the search ends, whatever they are', () => {
    const known = Array.from({ length: 5_000 }, (_, n) => `SERVICE_${String(n).padStart(6, '0')}_DATABASE_PASSWORD`);
    const effort = new SearchEffort();
    const found = Array.from({ length: 500 }, (_, n) => nearNames(known[n]!.replace('WORD', 'WROD'), known, effort));
    expect(found[0]).toContain(known[0]);
    expect(found.at(-1)).toEqual([]);
    expect(effort.spend(1)).toBe(false);
    expect(nearNames('KYE', ['KEY', 'OTHER'])).toEqual(['KEY']);
  });
});

describe('a polluted prototype', () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>;

  it.each([
    ['version', '1'],
    ['field', 'x'],
    ['connection', 'evil'],
    ['need', 'optional'],
    ['optional', true],
  ])('given `%s` on it, when secrets are read, at the start and later, then the current ones come', async (key, value) => {
    const source = memorySource({ A: 'old', B: 'old' });
    source.rotate('A', 'current');
    source.rotate('B', 'current');
    polluted[key] = value;
    let results: unknown[];
    let error: unknown;
    try {
      const runtime = new SecretRuntime({ source, clock: new FakeClock(), connection: 'default', required: ['A'] });
      const client = new HcpVaultClient(runtime);
      await runtime.bootstrap([{ name: 'A', need: 'required' }], 'decorated');
      results = [client.get('A'), await client.fetch('B'), await client.fetch('B', { forceRefresh: true }), client.ref('A').value];
      error = await client.fetch('NONE').catch((thrown: unknown) => thrown);
    } finally {
      delete polluted[key];
    }
    expect(results).toEqual(['current', 'current', 'current', 'current']);
    expect(error).toMatchObject({ code: 'SECRET_NOT_FOUND', connection: 'default' });
  }); // prettier-ignore
});
