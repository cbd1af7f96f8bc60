import type { KeyVaultFault } from '../../servers/key-vault/key-vault.faults.js';
import type { SecretError } from '../../../lib/core/errors/index.js';
import type { ReadContext } from '../../../lib/core/source/secret-source.js';
import type { AzureKeyVaultSource } from '../../../lib/sources/azure/index.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';
import { asked, cleanUp, emulated } from './azure.js';

afterEach(cleanUp);

const names = Array.from({ length: 100 }, (_, index) => `K-${index}`);
const values = Object.fromEntries(names.map((name) => [name, `canary-of-${name}`]));

/** A source that has read once: its token is there. */
async function warm() {
  const made = await emulated(values);
  await made.source.read(['K-0'], context());
  return made;
}

describe('azureKeyVault: faults', () => {
  it.each<[string, KeyVaultFault, string, RegExp]>([
    [
      'denied by a role',
      { status: 403, code: 'Forbidden', inner: 'ForbiddenByRbac' },
      'SECRET_ACCESS_DENIED',
      /"Key Vault Secrets User"/,
    ],
    [
      'denied by a policy',
      { status: 403, code: 'Forbidden', inner: 'ForbiddenByPolicy' },
      'SECRET_ACCESS_DENIED',
      /permission Get/,
    ],
    [
      'denied by the firewall',
      { status: 403, code: 'Forbidden', inner: 'ForbiddenByFirewall' },
      'SECRET_ACCESS_DENIED',
      /firewall/,
    ],
    ['refused for its form', { status: 400, code: 'BadParameter' }, 'SECRET_CONFIGURATION', /check the name/],
    [
      'in the midst of a change',
      { status: 409, code: 'Conflict', inner: 'ObjectIsBeingRecovered' },
      'SECRET_SOURCE_UNAVAILABLE',
      /409/,
    ],
    ['down', { status: 503, code: 'ServiceUnavailable' }, 'SECRET_SOURCE_UNAVAILABLE', /503/],
    ['a sign-in page with 403', { status: 403, body: '<canary>' }, 'SECRET_SOURCE_UNAVAILABLE', /something else/],
    ['a page with 404', { status: 404, body: '<canary>' }, 'SECRET_SOURCE_UNAVAILABLE', /something else/],
    ['a page with 401', { status: 401, body: '<canary>' }, 'SECRET_SOURCE_UNAVAILABLE', /something else/],
    ['broken JSON', { status: 200, body: '{"value":"canary' }, 'SECRET_SOURCE_UNAVAILABLE', /not JSON/],
    ['no secret', { status: 200, body: '["canary"]' }, 'SECRET_SOURCE_UNAVAILABLE', /holds no secret/],
    ['cut off', { cut: true }, 'SECRET_SOURCE_UNAVAILABLE', /broke/],
  ])(
    'given a vault whose answer is %s, when read, then the error says so, and shows nothing of it',
    async (_, fault, code, words) => {
      const { vault, source } = await warm();
      vault.fail(fault);
      const error = (await source.read(['K-1'], context())).get('K-1') as SecretError;
      expect(error).toMatchObject({ code, secretName: 'K-1', sourceKind: 'azure-key-vault' });
      expect(error.message).toMatch(words);
      if (fault.status !== undefined && fault.status >= 300) expect(error.message).toContain(vault.url);
      expect(printed(error)).not.toContain('canary');
      vault.recover();
      expect(valuesOf(await source.read(['K-1'], context()))).toEqual({ 'K-1': 'canary-of-K-1' });
    },
  );

  it('given a right that is missing, when listed and written, then the error names the role', async () => {
    const { vault, source } = await warm();
    vault.deny('list', 'set');
    expect((await failureOf(source.list(undefined, context()))).message).toContain('"Key Vault Secrets User"');
    expect((await failureOf(source.write('K-1', 'v', context()))).message).toContain('"Key Vault Secrets Officer"');
    vault.allow('set');
    vault.deny('get');
    const blind = await failureOf(source.write('K-1', 'v', context()));
    expect(blind).toMatchObject({ code: 'SECRET_ACCESS_DENIED' });
    expect(blind.message).toContain('Get and Set');
    expect(vault.secrets.find('K-1')!.versions).toHaveLength(1);
  });

  const calls: Record<string, (source: AzureKeyVaultSource, c: ReadContext) => Promise<unknown>> = {
    'one is read': (source, c) => source.read(['K-1'], c),
    'one is looked for': (source, c) => source.exists('K-1', c),
    'all are listed': (source, c) => source.list(undefined, c),
  };
  for (const [call, ask] of Object.entries(calls)) {
    it.each([500, 502, 503, 504, 429, 408])(
      `given one HTTP %i, when ${call}, then nobody sees it, for one request more`,
      async (status) => {
        const { vault, source } = await warm();
        const count = async (): Promise<number> => {
          const before = asked(vault).length;
          const found = await ask(source, context());
          const errors = found instanceof Map ? [...found.values()].filter((one) => 'code' in (one as object)) : [];
          expect(errors).toEqual([]);
          return asked(vault).length - before;
        };
        const usual = await count();
        vault.fail({ status, code: 'X', times: 1 });
        expect(await count()).toBe(usual + 1);
      },
    );
  }

  it('given a vault that hangs, when read, then each attempt ends by its time, and the error says so', async () => {
    const { vault, source } = await warm();
    vault.fail({ hang: true });
    const error = (await source.read(['K-1'], { ...context(), timeout: 50 })).get('K-1') as SecretError;
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(error.message).toContain('within 50 ms');
  });

  it.each([
    [{ retryAfter: '60' }, 60_000],
    [{ headers: { 'retry-after-ms': '61000' } }, 61_000],
    [{ headers: { 'x-ms-retry-after-ms': '62000' } }, 62_000],
  ])(
    'given a throttled vault with %j, when many are read, then the pause is told, and no storm comes',
    async (more, retryAfter) => {
      const { vault, source } = await warm();
      vault.fail({ status: 429, code: 'Throttled', ...more });
      const before = vault.requests.length;
      const found = await source.read(names, context());
      expect(found.get('K-1')).toMatchObject({ code: 'SECRET_THROTTLED', retryAfter });
      expect(vault.requests.length - before).toBeLessThanOrEqual(32);
    },
  );

  it('given one sick secret among many, when all are read, then that is its error, and the others come', async () => {
    const { vault, source } = await warm();
    vault.fail({ status: 500, path: '/secrets/K-50' });
    const found = await source.readAll(context());
    expect([...found].filter(([, one]) => 'code' in one).map(([name]) => name)).toEqual(['K_50']);
    expect(found.size).toBe(100);
  });

  it('given a vault that nobody listens for, when read, then the error says so', async () => {
    const { vault, source } = await warm();
    await vault.stop();
    expect((await source.read(['K-1'], context())).get('K-1')).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect((await source.read(['K-1'], context())).get('K-1')).toMatchObject({ message: expect.stringContaining('nothing listens') as string }); // prettier-ignore
  });
});
