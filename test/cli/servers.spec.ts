import { PassThrough } from 'node:stream';
import { describeOnEachVault, describeWith } from '../servers/available.js';
import type { MotoServer } from '../servers/moto.server.js';
import { startMoto } from '../servers/moto.server.js';
import type { VaultServer } from '../servers/vault.server.js';
import { startDevVault } from '../servers/vault.server.js';
import { called, CommandCall } from './called.js';

/** What each writable source has in common. */
function readsAndWrites(spec: () => string, environment: () => NodeJS.ProcessEnv): void {
  const run = (argv: string[], input?: string | Uint8Array) =>
    called([...argv, '-s', spec()], { environment: environment(), input });

  it('given a secret that is missing, when it is set, then --create makes it, with one line break at its end taken off', async () => {
    expect(await run(['exists', 'cli-first'])).toMatchObject({ code: 1, out: 'no\n' });
    const missed = await run(['set', 'cli-first', '--json'], '{"password":"canary-first"}\n');
    expect(missed).toMatchObject({ code: 1, out: '', err: expect.stringContaining('--create makes a new one') });
    const made = await run(['set', 'cli-first', '--json', '--create'], '{"password":"canary-first"}\n');
    expect(made).toMatchObject({ code: 0, out: '' });
    expect(made.err).toMatch(/^cli-first is written, version \S+\.\n$/);
    expect((await run(['exists', 'cli-first'])).code).toBe(0);
    expect((await run(['list', 'cli-'])).out).toBe('cli-first\n');
    expect((await run(['get', 'cli-first'])).out).toContain('object: password (--reveal prints it)');
    expect((await run(['get', 'cli-first', '--field', 'password', '--reveal'])).out).toBe('canary-first');
  });

  it('given a secret, when it is set again, then its version is another, and an older one can be got', async () => {
    await run(['set', 'cli-second', '--json', '--create'], '{"password":"canary-1"}');
    const first = JSON.parse((await run(['get', 'cli-second', '--format', 'json'])).out) as { version: string };
    const set = await run(['set', 'cli-second', '--json', '--format', 'json'], '{"password":"canary-2"}');
    const second = JSON.parse(set.out) as { version: string };
    expect(second.version).not.toBe(first.version);
    const old = await run(['get', 'cli-second', '--version', first.version, '--field', 'password', '--reveal']);
    expect(old.out).toBe('canary-1');
  });

  it.each([
    ['', 'standard input is empty'],
    ['\n', 'standard input is empty'],
  ])('given nothing on standard input, when a secret is set, then nothing is written', async (input, said) => {
    const { code, err } = await run(['set', 'cli-first'], input);
    expect(code).toBe(2);
    expect(err).toContain(said);
    expect((await run(['get', 'cli-first', '--field', 'password', '--reveal'])).out).toBe('canary-first');
  });

  it('given text that is not JSON, when it is set as JSON, then it is refused without it', async () => {
    expect(await run(['set', 'cli-first', '--json'], '{canary-json')).toEqual({
      code: 2,
      out: '',
      err: 'nestjs-hcp-vault: standard input holds no JSON object or array.\n',
    });
  });
}

describeOnEachVault([], 'the command line on %s', (product) => {
  let server: VaultServer;
  beforeAll(async () => void (server = await startDevVault(product)));
  afterAll(() => server.stop());
  const spec = () => `vault:secret?address=${server.address}`;
  readsAndWrites(spec, () => ({ VAULT_TOKEN: server.token }));

  it('given a version that is not the current one, when it is named in --cas, then nothing is written', async () => {
    const environment = { VAULT_TOKEN: server.token };
    const argv = ['set', 'cli-second', '--json', '--cas', '1', '-s', spec()];
    const { code, err } = await called(argv, { environment, input: '{"password":"canary-3"}' });
    expect(code).toBe(2);
    expect(err).not.toContain('canary');
  });

  it('given a token that Vault does not know, when a secret is got, then it ends with 3', async () => {
    const { code, err } = await called(['get', 'cli-first', '-s', spec()], {
      environment: { VAULT_TOKEN: 'canary-wrong' },
    });
    expect(code).toBe(3);
    expect(err).not.toContain('canary');
  });

  it('given a secret that somebody sets, when it is watched, then the new version is told', async () => {
    const environment = { VAULT_TOKEN: server.token };
    const watching = new CommandCall(['watch', 'cli-second', '--every', '1s', '--count', '1', '-s', spec()], {
      environment,
    });
    await watching.shows('watching');
    await called(['set', 'cli-second', '--json', '-s', spec()], { environment, input: '{"password":"canary-4"}' });
    expect(await watching.code).toBe(0);
    expect(watching.out).toMatch(/Z cli-second 3\n$/);
  });
});

describeWith(['moto'], 'the command line on AWS as moto plays it', () => {
  let moto: MotoServer;
  const before = { ...process.env };
  beforeAll(async () => {
    moto = await startMoto();
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'testing',
      AWS_SECRET_ACCESS_KEY: 'testing',
      AWS_REGION: 'eu-west-1',
    });
  });
  afterAll(async () => {
    process.env = before;
    await moto.stop();
  });
  describe('Secrets Manager', () =>
    readsAndWrites(
      () => `aws-sm:prod/?endpoint=${moto.endpoint}`,
      () => process.env,
    ));

  it('given text from a pipe, when a parameter is set, then one line break at its end is taken off, unless it shall be kept', async () => {
    const spec = `aws-ssm:/prod/?endpoint=${moto.endpoint}`;
    const set = (more: string[], input: string) => called(['set', 'PLAIN', '-s', spec, ...more], { input });
    const got = async () => (await called(['get', 'PLAIN', '-s', spec, '--reveal'])).out;
    await set(['--create'], 'canary-a\n\n');
    expect(await got()).toBe('canary-a\n');
    await set(['--keep-newline'], 'canary-b\r\n');
    expect(await got()).toBe('canary-b\r\n');
  });
});

describe('nestjs-hcp-vault set', () => {
  it('given a source that is only read, when a secret is set, then it ends with 2', async () => {
    const { code, err } = await called(['set', 'KEY', '--create', '-s', 'env:APP_'], { input: 'canary-value' });
    expect(code).toBe(2);
    expect(err).toContain('can only be read');
    expect(err).not.toContain('canary');
  });

  it.each([
    ['canary-typed\r', 'can only be read'], // it went as far as the source
    ['canary-one\rcanary-two\r', 'has several lines'],
    ['\u0003', 'no value was given'],
  ])('given a terminal, when a value is typed, then it is not shown', async (typed, said) => {
    const terminal = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => undefined });
    const call = new CommandCall(['set', 'KEY', '--create', '-s', 'env:APP_'], { input: terminal });
    await call.shows('Value (not shown): ');
    terminal.write(typed);
    expect(await call.code).toBe(2);
    expect(call.err).toContain(said);
    expect(call.out + call.err).not.toContain('canary');
  });
});
