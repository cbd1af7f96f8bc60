import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import type { CliOutput } from '../../../lib/cli/run.js';
import { run as runCli } from '../../../lib/cli/run.js';

let folder: string;
let out: string;
let err: string;
const output: CliOutput = { out: (text) => (out += String(text)), err: (text) => (err += text) };
/** @param ended stands for a signal. */
const run = (argv: string[], to: CliOutput, ended?: () => Promise<unknown>) =>
  runCli(
    argv,
    to,
    ended && { onSignal: (listener) => (void ended().then(() => listener('SIGTERM')), () => undefined) },
  );

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'emulator-cli-'));
  out = '';
  err = '';
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function seedFile(content: string): Promise<string> {
  const path = join(folder, 'seed.json');
  await writeFile(path, content);
  return path;
}

/** Runs until the first line is out, gives it to `work`, then ends the command. */
async function served(argv: string[], work: (line: string) => Promise<void>): Promise<number> {
  const signal = resolvers();
  const line = resolvers<string>();
  const code = run(argv, { ...output, out: (text) => line.resolve(String(text)) }, () => signal.promise);
  await Promise.race([line.promise, code]);
  await work(await line.promise).finally(() => signal.resolve());
  return code;
}

function resolvers<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => (resolve = done));
  return { promise, resolve };
}

describe('nestjs-hcp-vault emulator', () => {
  it('given a seed, when it runs, then one line of JSON tells how to reach it, until it is ended', async () => {
    const seed = await seedFile(JSON.stringify({ clientSecret: 's3', apps: { web: { KEY: 'v' } } }));
    let url = '';
    const code = await served(['emulator', '--seed', seed], async (line) => {
      expect(line).toMatch(/^\{[^\n]*\}\n$/);
      const told = JSON.parse(line) as { apiUrl: string; authUrl: string; environment: Record<string, string> };
      expect(Object.keys(told)).toEqual(['apiUrl', 'authUrl', 'environment']);
      expect(told.environment).toMatchObject({ HCP_APP_ID: 'web', HCP_CLIENT_SECRET: 's3', HCP_API_TLS: 'disabled' });
      url = told.apiUrl;
      expect((await request(`${url}/`)).statusCode).toBe(404);
    });
    expect(code).toBe(0);
    await expect(request(`${url}/`)).rejects.toThrow();
  });

  it('given --tls and --port, when it runs, then both URLs are https on that port', async () => {
    const seed = await seedFile('{"apps":{}}');
    const code = await served(['emulator', '--seed', seed, '--tls', '--port', '0'], async (line) => {
      const { apiUrl, authUrl, environment } = JSON.parse(line);
      expect([apiUrl, authUrl]).toEqual([expect.stringMatching(/^https:/), expect.stringMatching(/^https:/)]);
      expect(environment).toMatchObject({ HCP_API_TLS: 'insecure', HCP_AUTH_TLS: 'insecure' });
    });
    expect(code).toBe(0);
  });

  it('given --help, when it runs, then the usage is printed', async () => {
    expect(await run(['emulator', '--help'], output)).toBe(0);
    expect(out).toContain('--seed');
  });

  it.each([
    [[], 'emulator'],
    [['serve'], 'emulator'],
    [['emulator'], '--seed'],
    [['emulator', '--seed'], '--seed'],
    [['emulator', '--seed', 'x.json', '--odd'], '--odd'],
    [['emulator', '--seed', 'x.json', '--port', 'abc'], '--port'],
    [['emulator', '--seed', 'x.json', '--port', '70000'], '--port'],
    [['emulator', '--seed', '/none/seed.json'], '/none/seed.json'],
    [['emulator', '--seed', '{"apps":{"a":{"K":"canary"}}}'], 'path of a JSON file'],
  ])('given the arguments %j, when it runs, then it ends with 2 and says why', async (argv, said) => {
    expect(await run(argv, output, never)).toBe(2);
    expect(err).toContain(said);
    expect(err).toMatch(/^nestjs-hcp-vault: [^\n]+\n$/);
    expect(err + out).not.toContain('canary');
    expect(out).toBe('');
  });

  it('given a seed that begins with a byte order mark, when it runs, then it is read', async () => {
    const seed = await seedFile('\ufeff{"apps": {"web": {"KEY": "value"}}}');
    expect(await run(['emulator', '--seed', seed], output, () => Promise.resolve())).toBe(0);
  });

  it.each([
    ['{"apps": {"web": {"KEY": canary}}}', 'not JSON'],
    ['"canary"', 'the seed has to be an object'],
    ['{"apps": {"web": {"KEY": {"type": "kv", "value": ["canary"]}}}}', 'apps.web.KEY.value'],
  ])('given the seed %s, when it runs, then it ends with 2 and quotes no value', async (content, said) => {
    expect(await run(['emulator', '--seed', await seedFile(content)], output, never)).toBe(2);
    expect(err).toContain(said);
    expect(err).not.toContain('canary');
  });
});

const never = () => new Promise<void>(() => undefined);
