import { inspect } from 'node:util';
import type { SecretBootstrapError } from 'nestjs-hcp-vault';
import {
  envSource,
  firstOf,
  memorySource,
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from 'nestjs-hcp-vault';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import type { Requirement } from '../../lib/core/client/requirement.js';
import { MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { fails, hangs } from '../support/scripted-source.js';

const required = (name: string, more: Partial<Requirement> = {}): Requirement => ({ name, need: 'required', ...more });
const by = (name: string, member: string): Partial<Requirement> => ({ consumer: { kind: 'class', name, member } });

async function failure(work: Promise<unknown>): Promise<SecretBootstrapError> {
  return (await work.then(
    () => undefined,
    (error: unknown) => error,
  )) as SecretBootstrapError;
}

describe('the text of a start that fails', () => {
  it('given a missing secret that several ask for, when the start fails, then two lines tell name, place, who asks and what is near', async () => {
    const describe = (name: string) => [{ source: 'scripted', name: `prod/shop/${name}`, at: 'eu-central-1' }];
    const set = scripted({}, { can: ['list'], more: { describe } });
    for (const name of ['JWT_KEYS', 'old/JWT_KEY', 'OTHER']) set.backend.set(name, { value: 'canary' });
    const wanted = [
      required('JWT_KEY', by('Auth', 'constructor')),
      required('JWT_KEY', by('Tokens', 'key')),
      required('JWT_KEY', { consumer: { kind: 'provider', name: 'POOL' } }),
    ];
    const error = await failure(set.runtime.bootstrap(wanted, 'decorated'));
    expect(error.message.split('\n')).toEqual([
      'Connection "default": 1 required secret is not usable:',
      ' scripted (eu-central-1): not found at the source. Check the name, and where the source looks for it.',
      '  - "JWT_KEY", asked for as prod/shop/JWT_KEY',
      '    for Auth (constructor), Tokens.key, the provider POOL; near it there are old/JWT_KEY, JWT_KEYS',
      ' What to do: nestjs-hcp-vault/docs/reference/errors.md#secret_not_found',
    ]);
    expect(error.errors).toMatchObject([{ code: 'SECRET_NOT_FOUND', secretName: 'JWT_KEY', connection: 'default' }]);
  });

  it('given a reason that names the path or the address, when the start fails, then the head does not say it twice', async () => {
    const describe = (name: string) => [{ source: 'scripted', name, at: '/run/x.json' }];
    const set = scripted({ bootstrapTimeout: 0 }, { more: { describe } });
    set.backend.always.read = fails(new SecretAuthenticationError('"/run/x.json" says no', { advice: 'Do it' }));
    const error = await failure(set.runtime.bootstrap([required('A'), required('B')], 'decorated'));
    expect(error.message.split('\n')[1]).toBe(' scripted: "/run/x.json" says no. Do it.');
  });

  it('given one secret by whose reading a misconfiguration is found, when the start fails, then the head tells it', async () => {
    const set = scripted();
    set.backend.always.read = fails(new SecretConfigurationError('the file can’t be read.', { advice: 'Give it.' }));
    const error = await failure(set.runtime.bootstrap([required('A')], 'decorated'));
    expect(error.message.split('\n').slice(1)).toEqual([
      ' scripted: the file can’t be read. Give it.',
      '  - "A"',
      ' What to do: nestjs-hcp-vault/docs/reference/errors.md#secret_configuration',
    ]);
  });

  it('given a source that hangs, when the start fails, then the error says where nobody answered', async () => {
    const describe = (name: string) => [{ source: 'scripted', name, at: 'https://vault.example' }];
    const set = scripted({ bootstrapTimeout: '5s', timeout: '2s' }, { more: { describe } });
    set.backend.always.read = hangs;
    const failing = failure(set.runtime.bootstrap([required('A')], 'decorated'));
    await set.clock.advance(MINUTE);
    expect((await failing).message).toContain('no answer to "read" from https://vault.example within 2000 ms.');
  });

  it('given several kinds, when the start fails, then each has one head with one advice, and reasons that differ stand with their names', async () => {
    const set = scripted({}, { can: ['list'] });
    const denied = (reason: string) => ({ failure: new SecretAccessDeniedError(reason) });
    set.backend.set('A', denied('no policy allows `read` on `A`.'));
    set.backend.set('B', denied('no policy allows `read` on `B`.'));
    set.backend.set('DB', { value: { user: 'canary' } });
    const fields = ['values.id', 'password'].map((field) => required('DB', { field }));
    const error = await failure(
      set.runtime.bootstrap([required('A'), required('B'), required('MISSING'), ...fields], 'decorated'),
    );
    expect(error.message.split('\n')).toEqual([
      'Connection "default": 4 required secrets are not usable:',
      ' scripted: access denied. Grant the service principal, role or policy the right to read it.',
      '  - "A": no policy allows `read` on `A`.',
      '  - "B": no policy allows `read` on `B`.',
      expect.stringMatching(/^ scripted: not found at the source\. Check/),
      '  - "MISSING"',
      ' scripted: there, but without these fields.',
      expect.stringMatching(/^ {2}- "DB": no field "values\.id".* no field "password"/),
      ' What to do: nestjs-hcp-vault/docs/reference/errors.md#secret_access_denied, #secret_not_found, #secret_field',
    ]);
    expect(error.errors).toHaveLength(5);
  });

  it('given a source that refuses our credentials, when the start fails, then that is said once for all, and nobody lists', async () => {
    const set = scripted({}, { can: ['list'] });
    set.backend.always.read = fails(new SecretAuthenticationError('the login was refused.'));
    const error = await failure(
      set.runtime.bootstrap(
        ['A', 'B', 'C'].map((name) => required(name)),
        'decorated',
      ),
    );
    expect(error.message.split('the login was refused.')).toHaveLength(2);
    expect(error.message.split('Check the client ID')).toHaveLength(2);
    expect(set.backend.count('list')).toBe(0);
  });

  it('given the error, when it is inspected, printed as JSON or by its stack, then the text stands there once, and errors are there for programs', async () => {
    const set = scripted();
    const error = await failure(set.runtime.bootstrap([required('KEY_ONE'), required('KEY_TWO')], 'decorated'));
    const outputs = [
      inspect(error, { depth: 9, showHidden: true }),
      JSON.stringify(error),
      error.stack!,
      String(error),
    ];
    for (const text of outputs) {
      expect([text.split('KEY_ONE').length, text.split('Check the name').length]).toEqual([2, 2]);
    }
    expect(inspect({ cause: error }, { depth: 9 }).split('KEY_ONE')).toHaveLength(2);
    expect(error.errors.map(({ secretName, stack }) => [secretName, stack])).toEqual([
      ['KEY_ONE', undefined],
      ['KEY_TWO', undefined],
    ]);
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({ code: 'SECRET_BOOTSTRAP', connection: 'default' });
  });

  it.each([
    ['is denied', fails(new SecretAccessDeniedError())],
    ['hangs', hangs],
    ['gives no list', () => 'canary'],
  ])(
    'given a listing that %s, when a name is missing, then the start fails in time, without near names',
    async (_, behaviour) => {
      const set = scripted({}, { can: ['list'] });
      set.backend.always.list = behaviour;
      let error: SecretBootstrapError | undefined;
      void failure(set.runtime.bootstrap([required('KEY')], 'decorated')).then((thrown) => (error = thrown));
      await set.clock.advance(3 * SECOND);
      await set.clock.advance(3 * SECOND);
      expect(error?.message).toContain('"KEY"');
      expect(error?.message).not.toMatch(/near|canary/);
      expect(set.clock.pending).toBe(0);
    },
  );

  it('given a source that throws at describing, or gives what is no place, when the start fails, then the names stand for themselves', async () => {
    for (const describe of [
      () => {
        throw new Error('canary');
      },
      () => 'canary' as never,
      () => [{ name: 7 }] as never,
    ]) {
      const set = scripted({}, { more: { describe } });
      const error = await failure(set.runtime.bootstrap([required('KEY')], 'decorated'));
      expect(error.message).toMatch(/ scripted: not found at the source\.[^]*- "KEY"\n What to do/);
    }
  });

  it('given several sources as one, when a name is in none, then all places are told; when one fails, then that one alone', async () => {
    process.env['SHOP_DOWN'] = '';
    delete process.env['SHOP_DOWN'];
    const memory = memorySource({ JWT_KEYS: 'x' });
    const runtime = new SecretRuntime({ source: firstOf(envSource({ prefix: 'SHOP_' }), memory), bootstrapTimeout: 0 });
    const error = await failure(runtime.bootstrap([required('JWT_KEY')], 'decorated'));
    expect(error.message).toContain(' env, then memory: not found');
    expect(error.message).toContain(
      '"JWT_KEY", asked for as SHOP_JWT_KEY, then JWT_KEY\n    near it there is JWT_KEYS',
    );
    memory.fail(new SecretSourceUnavailableError('down.'));
    const again = new SecretRuntime({ source: firstOf(envSource({ prefix: 'SHOP_' }), memory), bootstrapTimeout: 0 });
    expect((await failure(again.bootstrap([required('JWT_KEY')], 'decorated'))).message).toContain(' memory: down.');
  });

  it('given a listing of all that fails, when the start fails, then it stands among the rest', async () => {
    const set = scripted({ bootstrapTimeout: 0 }, { can: ['readAll'] });
    set.backend.always.readAll = fails(new SecretSourceUnavailableError('down.'));
    const error = await failure(set.runtime.bootstrap([], 'all'));
    expect(error.message).toContain('  - all that the source lists (`preload: "all"`)');
    await set.clock.advance(MINUTE);
  });
});
