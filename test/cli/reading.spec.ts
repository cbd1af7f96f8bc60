import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PACKAGE_VERSION } from '../../lib/core/package-version.js';
import { COMMANDS } from '../../lib/cli/commands/index.js';
import { called, CommandCall } from './called.js';

let folder: string;
let source: string;
const write = async (secrets: object): Promise<void> => {
  await writeFile(join(folder, 'next.json'), JSON.stringify(secrets));
  await rename(join(folder, 'next.json'), join(folder, 'secrets.json'));
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cli-'));
  source = `file:${join(folder, 'secrets.json')}`;
  await write({
    DB: { host: 'db.internal', password: 'canary-db' },
    API_KEY: 'canary-key',
    EMPTY: '',
    APP_A: 'canary-a',
  });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('nestjs-hcp-vault', () => {
  it('given a name with what a terminal takes for a command, when names are printed as JSON, then it is escaped, and the same comes out', async () => {
    const name = 'RED\u009b31m\u202e';
    await write({ [name]: 'canary-red' });
    const { out } = await called(['list', '-s', source, '--format', 'json']);
    expect(out).toBe('["RED\\u009b31m\\u202e"]\n');
    expect(JSON.parse(out)).toEqual([name]);
  });

  it('given --version, when it runs, then it prints that of the package', async () => {
    expect(await called(['--version'])).toEqual({ code: 0, out: `${PACKAGE_VERSION}\n`, err: '' });
  });

  it.each([[['--help']], [['help']]])('given %j, when it runs, then it lists each command', async (argv) => {
    const { code, out, err } = await called(argv);
    expect([code, err]).toEqual([0, '']);
    for (const { name, summary } of COMMANDS)
      expect(out).toMatch(new RegExp(`^  ${name}[ \\[].*${summary.slice(0, 15)}`, 'm'));
  });

  it.each(COMMANDS.map(({ name }) => name))(
    'given help %s, when it runs, then its own help is printed',
    async (name) => {
      const help = await called(['help', name]);
      expect(help.out).toMatch(new RegExp(`^Usage: nestjs-hcp-vault ${name} `));
      expect(await called([name, '--help'])).toEqual({ ...help, code: 0 });
    },
  );

  it.each([
    [['gett'], 'there is no command "gett". Did you mean "get"'],
    [['leaked/Value1'], 'there is no such command'],
    [['get', 'DB', '--reveall'], '"get" has no option --reveall. Did you mean --reveal?'],
    [['get', 'DB', '--LEAKED=leaked'], '"get" has no such option'],
    [['get', 'DB', '-leaked'], '"get" has no such option'],
    [['set', 'DB', 'leaked'], '"set" takes fewer arguments'],
    [['get'], "missing required argument 'name'"],
    [['get', 'DB'], '--source is missing'],
    [['get', 'DB', '--source'], "option '-s, --source <spec>' argument missing"],
    [['get', 'DB', '--source', 'file:leaked.json', '--timeout', 'leaked'], '--timeout is a duration'],
    [['get', 'DB', '--source', 'file:leaked.json', '--format', 'leaked'], '--format is text or json'],
    [['watch', 'DB', '--source', 'file:leaked.json', '--count', 'leaked'], '--count is a number'],
  ])('given %j, when it runs, then it ends with 2, in one line that quotes no value', async (argv, said) => {
    const { code, out, err } = await called(argv);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(said);
    expect(err).toMatch(/^nestjs-hcp-vault: [^\n]+\n$/);
    expect(err).not.toMatch(/leaked/i);
  });
});

describe('nestjs-hcp-vault get', () => {
  it('given a secret, when it is got, then its shape and version are told, and no value', async () => {
    const { code, out, err } = await called(['get', 'DB', '-s', source]);
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^name {5}DB\nvalue {4}object: host, password \(--reveal prints it\)\nversion {2}\S+\nsource {3}file\n$/,
    );
    expect((await called(['get', 'EMPTY', '-s', source])).out).toContain('value    empty text');
  });

  it('given HCP_VAULT_SOURCE, when a secret is got, then it comes from there', async () => {
    expect((await called(['get', 'API_KEY'], { environment: { HCP_VAULT_SOURCE: source } })).out).toContain(
      'value    text',
    );
  });

  it('given --reveal, when it goes to a pipe, then it is the value and nothing more, and to a terminal with a line break', async () => {
    expect((await called(['get', 'API_KEY', '-s', source, '--reveal'])).out).toBe('canary-key');
    expect((await called(['get', 'API_KEY', '-s', source, '--reveal'], { isTerminal: true })).out).toBe('canary-key\n');
    expect((await called(['get', 'DB', '-s', source, '--reveal', '--field', 'password'])).out).toBe('canary-db');
    expect(JSON.parse((await called(['get', 'DB', '-s', source, '--reveal'])).out)).toHaveProperty(
      'host',
      'db.internal',
    );
  });

  it('given bytes, when they are revealed, then they are what they were', async () => {
    const bytes = Uint8Array.of(0, 255, 10, 128, 13);
    await writeFile(join(folder, 'KEY'), bytes);
    const call = new CommandCall(['get', 'KEY', '-s', `dir:${folder}`, '--reveal']);
    expect(await call.code).toBe(0);
    expect(Buffer.concat(call.bytes)).toEqual(Buffer.from(bytes));
    const json = await called(['get', 'KEY', '-s', `dir:${folder}`, '--reveal', '--format', 'json']);
    expect(JSON.parse(json.out)).toMatchObject({ shape: 'bytes', value: 'AP8KgA0=', encoding: 'base64' });
  });

  it('given --format json, when it is got, then it is one object, with the value only where it is revealed', async () => {
    const { out } = await called(['get', 'DB', '-s', source, '--format', 'json']);
    expect(JSON.parse(out)).toEqual({
      name: 'DB',
      source: 'file',
      version: expect.any(String),
      shape: 'object: host, password',
    });
    const { out: all } = await called(['get', 'DB', '-s', source, '--format', 'json', '--reveal']);
    expect(JSON.parse(all)).toHaveProperty('value.password');
  });

  it.each([
    ['NONE', [], 1, 'Secret "NONE" (source file): not found'],
    ['DB', ['--field', 'user'], 1, 'has no "user"'],
    ['DB', ['--field', 'a..b'], 1, 'malformed'],
  ])('given %s %j, when it is got, then it ends with %d and says why', async (name, more, expected, said) => {
    const { code, out, err } = await called(['get', name, '-s', source, ...more]);
    expect([code, out]).toEqual([expected, '']);
    expect(err).toContain(said);
    expect(err).not.toContain('canary');
  });

  it('given a file that is not there, when a secret is got, then it ends with 3', async () => {
    expect(await called(['get', 'DB', '-s', `file:${join(folder, 'none.json')}`])).toMatchObject({ code: 3, out: '' });
  });

  it('given a signal while the source does not answer, when it comes, then the command ends as a shell has it', async () => {
    const { createServer } = await import('node:http');
    const server = createServer(() => undefined).listen(0, '127.0.0.1');
    await new Promise((listening) => server.once('listening', listening));
    const asked = new Promise((request) => server.once('request', request));
    const { port } = server.address() as { port: number };
    const spec = `vault:secret?address=http://127.0.0.1:${port}`;
    const call = new CommandCall(['get', 'DB', '-s', spec], { environment: { VAULT_TOKEN: 'canary-token' } });
    await asked;
    expect(call.send('SIGINT')).toBe(true);
    expect(await call.code).toBe(130);
    expect(call.err).toBe('nestjs-hcp-vault: ended by SIGINT.\n');
    server.close();
    server.closeAllConnections();
  });
});

describe('nestjs-hcp-vault list and exists', () => {
  it('given secrets, when they are listed, then their names are sorted, a line each, or a JSON array', async () => {
    expect(await called(['list', '-s', source])).toEqual({ code: 0, out: 'API_KEY\nAPP_A\nDB\nEMPTY\n', err: '' });
    expect((await called(['list', 'AP', '-s', source, '--format', 'json'])).out).toBe('["API_KEY","APP_A"]\n');
    expect(await called(['list', 'none', '-s', source])).toEqual({ code: 0, out: '', err: '' });
  });

  it('given a name that would drive the terminal, when it is listed, then it does not', async () => {
    await write({ 'A\u001b[2J\nB': 'canary-x' });
    expect((await called(['list', '-s', source])).out).toBe('A\ufffd[2J\ufffdB\n');
  });

  it('given a name, when it is asked for, then the answer is an exit code too', async () => {
    expect(await called(['exists', 'DB', '-s', source])).toEqual({ code: 0, out: 'yes\n', err: '' });
    expect(await called(['exists', 'NONE', '-s', source])).toEqual({ code: 1, out: 'no\n', err: '' });
    expect((await called(['exists', 'NONE', '-s', source, '--format', 'json'])).out).toBe(
      '{"name":"NONE","exists":false}\n',
    );
  });
});

describe('nestjs-hcp-vault watch', () => {
  it('given a secret that changes, when it is watched, then a line tells time, name and version, until a signal', async () => {
    const call = new CommandCall(['watch', 'API_KEY', 'DB', '-s', source]);
    await call.shows('watching 2 secrets of file');
    expect(call.out).toBe('');
    await write({ DB: { host: 'db.internal', password: 'canary-db' }, API_KEY: 'canary-new' });
    await call.shows('API_KEY');
    expect(call.out).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z API_KEY \S+\n$/);
    call.send('SIGTERM');
    expect(await call.code).toBe(0);
    expect(call.out + call.err).not.toContain('canary');
  });

  it('given --count and --format json, when that many have changed, then it ends', async () => {
    const call = new CommandCall(['watch', '-s', source, '--count', '1', '--format', 'json']);
    await call.shows('watching 4 secrets');
    await write({ DB: 'canary-db2', API_KEY: 'canary-key', EMPTY: '', APP_A: 'canary-a' });
    expect(await call.code).toBe(0);
    expect(JSON.parse(call.out)).toEqual({ at: expect.any(String), name: 'DB', version: expect.any(String) });
  });

  it('given a name that is not there, when it is watched, then it ends with 1', async () => {
    expect(await called(['watch', 'NONE', '-s', source])).toMatchObject({ code: 1, out: '' });
  });
});
