import { inspect } from 'node:util';
import lodash from 'lodash';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import * as errors from '../../lib/core/errors/index.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import { RotationEvent } from '../../lib/core/store/rotation-event.js';
import { memorySource } from '../../lib/sources/memory/index.js';

const CANARY = 'canary-value-1';

function printed(holder: unknown): string {
  const views = [
    String(holder),
    `${holder as string}`,
    JSON.stringify({ holder }),
    inspect(holder, { showHidden: true, depth: 20, getters: false }),
    inspect({ nested: [holder] }, { depth: 20 }),
    JSON.stringify(Object.entries(holder as object)),
  ];
  return views.join('\n');
}

async function holders(): Promise<[string, unknown][]> {
  const source = memorySource({ DB: { password: CANARY }, TEXT: CANARY });
  const runtime = new SecretRuntime({ source });
  const client = new HcpVaultClient(runtime);
  await client.fetchSecrets();
  const event = new RotationEvent(
    { name: 'DB', connection: 'default', previousVersion: '1', version: '2', at: new Date() },
    CANARY,
    CANARY,
  );
  const { live } = runtime.pin('DB');
  return [
    ['a version', SecretVersion.of(CANARY)],
    ['the source', source],
    ['the runtime', runtime],
    ['the client', client],
    ['a ref', client.ref('DB')],
    ['a ref of a field', client.ref('DB', { field: 'password' })],
    ['an event', event],
    ['a live secret', live],
    ['the store', runtime.store],
    ['the status', client.status()],
  ];
}

describe('holders of secrets', () => {
  it('given each of them, when it is printed in any way, then the value does not show', async () => {
    for (const [what, holder] of await holders()) {
      expect([what, printed(holder).includes(CANARY)]).toEqual([what, false]);
    }
  });

  it('given a deep clone of one, and its prototype, when they are printed, then nothing throws, and the value does not show', async () => {
    for (const [what, holder] of await holders()) {
      for (const copy of [lodash.cloneDeep(holder), Object.getPrototypeOf(holder) as unknown]) {
        expect([what, printed(copy).includes(CANARY)]).toEqual([what, false]);
      }
    }
  });

  it('given the contract’s labels, when holders are printed, then they show names', async () => {
    const all = new Map(await holders());
    expect(String(all.get('a ref'))).toBe('[secret DB]');
    expect(inspect(all.get('the client'))).toBe('[secrets default]');
    expect(JSON.stringify(all.get('an event'))).toBe('"[secret DB]"');
  });
});

describe('errors', () => {
  const foreign = Object.assign(new Error(`refused ${CANARY}`), {
    name: 'AxiosError',
    code: 'ECONNRESET',
    status: 503,
    config: { headers: { Authorization: CANARY } },
    response: { data: CANARY },
  });

  it('given a foreign error as cause, when ours is printed, then name, code and status are left of it', () => {
    const error = new errors.SecretSourceUnavailableError('failed.', {
      secretName: 'KEY',
      connection: 'c',
      sourceKind: 'memory',
      cause: foreign,
    });
    expect(error.cause).toEqual({ name: 'AxiosError', code: 'ECONNRESET', status: 503 });
    expect(printed(error)).not.toContain(CANARY);
    expect(error.message).toBe(
      'Secret "KEY" (connection "c", source memory): failed. Check that the source is up, and that it can be reached from here.',
    );
    expect(error.code).toBe('SECRET_SOURCE_UNAVAILABLE');
  });

  it.each([
    [`${CANARY} is not a name`],
    [{ name: CANARY.repeat(10) }],
    [Object.assign(new Error(), { name: `odd ${CANARY}`, code: `x y ${CANARY}` })],
  ])(
    'given something odd that was thrown (%#), when it becomes a cause, then nothing of its text is kept',
    (thrown) => {
      const error = new errors.SecretAuthenticationError(undefined, { cause: thrown });
      expect(printed(error)).not.toContain(CANARY);
    },
  );

  it('given an error without names, when it is located, then it is of the same class, with all that it knew', () => {
    const error = new errors.SecretThrottledError(undefined, { retryAfter: 5, cause: foreign }).located({
      secretName: 'KEY',
      connection: 'c',
      sourceKind: 's',
    });
    expect(error).toBeInstanceOf(errors.SecretThrottledError);
    expect(error).toMatchObject({
      retryAfter: 5,
      secretName: 'KEY',
      connection: 'c',
      sourceKind: 's',
      name: 'SecretThrottledError',
    });
    expect(error.located({ secretName: 'OTHER' })).toBe(error);
    expect(errors.isSecretError(error)).toBe(true);
    expect(errors.isSecretError(foreign)).toBe(false);
  });

  it('given a source that throws what it knows, when a client fails, then error and status quote nothing of it', async () => {
    const runtime = new SecretRuntime({
      source: {
        kind: 'careless',
        read: () => Promise.reject(foreign),
      },
    });
    const client = new HcpVaultClient(runtime);
    const error: unknown = await client.fetch('KEY').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', secretName: 'KEY', sourceKind: 'careless' });
    expect(`${printed(error)}${printed(client.status())}`).not.toContain(CANARY);
  });
});
