import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isOwnCredential, isPowerful, variableFor } from '../../lib/cli/child/variable-names.js';
import { mappedByHand, variablesOfAll } from '../../lib/cli/child/wanted-variables.js';
import { called, CommandCall, type Calling } from './called.js';

let folder: string;
let source: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'exec-'));
  source = `file:${join(folder, 'secrets.json')}`;
  const secrets = {
    DB: { host: 'db.internal', password: 'canary-db', port: 5432 },
    'prod/api-key': 'canary-key',
    LD: { PRELOAD: 'canary.so' },
    NODE_OPTIONS: '--require=canary.js',
    NUL: 'canary-\u0000nul',
    OTHER: 'canary-other',
  };
  await writeFile(join(folder, 'secrets.json'), JSON.stringify(secrets));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const WRITE = `require('fs').writeFileSync(process.env.OUT ?? process.argv[1], JSON.stringify(process.env))`;

/** The environment of a child that is run so. */
async function environmentOf(options: string[], environment: NodeJS.ProcessEnv = {}): Promise<Record<string, string>> {
  const out = join(folder, 'out.json');
  const argv = ['exec', '-s', source, ...options, '--', process.execPath, '-e', WRITE, out];
  expect(await called(argv, { environment })).toEqual({ code: 0, out: '', err: '' });
  return JSON.parse(await readFile(out, 'utf8')) as Record<string, string>;
}

const node = (script: string): string[] => [
  'exec',
  '-s',
  source,
  '--secret',
  'OTHER',
  '--',
  process.execPath,
  '-e',
  script,
];
const end = async (script: string, calling?: Calling) => (await called(node(script), calling)).code;

describe('nestjs-hcp-vault exec', () => {
  it('given secrets by hand and by rule, when a command is run, then it has them in its environment, and no other', async () => {
    const options = [
      '--env',
      'DB_PASS=DB#password',
      '-e',
      'NODE_OPTIONS=OTHER',
      '--secret',
      'prod/api-key',
      '--secret',
      'DB',
    ];
    const given = await environmentOf(
      options.filter((_, at) => at !== 2 && at !== 3),
      { KEPT: 'yes', PATH: '/bin' },
    );
    expect(given).toMatchObject({
      DB_PASS: 'canary-db',
      PROD_API_KEY: 'canary-key',
      DB_HOST: 'db.internal',
      DB_PASSWORD: 'canary-db',
      DB_PORT: '5432',
      KEPT: 'yes',
      PATH: '/bin',
    });
    expect(Object.values(given).join()).not.toMatch(/canary-other|canary\.so/);
  });

  it('given what the command line shows who it is by, when a command is run, then that is not passed on, unless --keep-env says so', async () => {
    const ours = {
      VAULT_TOKEN: 'canary-t',
      aws_secret_access_key: 'canary-k',
      HCP_CLIENT_SECRET: 'canary-c',
      BAO_TOKEN: 'canary-b',
    };
    const given = await environmentOf(['--secret', 'OTHER'], { ...ours, AWS_REGION: 'eu-west-1', HOME: '/root' });
    expect(given).toEqual(expect.objectContaining({ OTHER: 'canary-other', AWS_REGION: 'eu-west-1', HOME: '/root' }));
    for (const name of Object.keys(ours)) expect(given).not.toHaveProperty(name);
    expect(await environmentOf(['--secret', 'OTHER', '--keep-env'], ours)).toMatchObject(ours);
  });

  it('given secrets in the environment, when some are named, then the others are not passed on', async () => {
    Object.assign(process.env, { APP_ONE: 'one', APP_TWO: 'two' });
    try {
      source = 'env:APP_';
      const given = await environmentOf(['--env', 'FIRST=ONE'], { APP_ONE: 'one', APP_TWO: 'two' });
      expect(given).toMatchObject({ FIRST: 'one' });
      expect(Object.keys(given).join()).not.toContain('APP_');
    } finally {
      delete process.env['APP_ONE'];
      delete process.env['APP_TWO'];
    }
  });

  it.each([
    [['--secret', 'LD'], 'LD_PRELOAD, which changes what a program runs'],
    [['--secret', 'NODE_OPTIONS'], 'map it with --env'],
    [['--secret', 'NUL'], 'holds a NUL'],
    [['--secret', 'NONE'], 'not found'],
    [['--secret', 'DB', '--env', 'DB_HOST=OTHER'], 'two secrets lead to the variable DB_HOST'],
    [['--env', 'hunter2'], 'VARIABLE=SECRET'],
    [['--env', '1A=OTHER'], 'VARIABLE=SECRET'],
    [[], 'no secret is named'],
  ])('given %j, when it is run, then nothing is, with code 125 and no value in the reason', async (options, said) => {
    const out = join(folder, 'out.json');
    const { code, err } = await called(['exec', '-s', source, ...options, '--', process.execPath, '-e', WRITE, out]);
    expect(code).toBe(125);
    expect(err).toContain(said);
    expect(err).not.toMatch(/canary|hunter2/);
    await expect(readFile(out)).rejects.toThrow('ENOENT');
  });

  it('given a command, when it ends, then the exit code is its own, or what shells say of it', async () => {
    expect(await end('process.exit(7)')).toBe(7);
    expect(await end('process.kill(process.pid, "SIGKILL")')).toBe(137);
    const none = await called(['exec', '-s', source, '--secret', 'OTHER', '--', 'no-such-command', 'canary-argument']);
    expect(none).toEqual({ code: 127, out: '', err: 'nestjs-hcp-vault: no-such-command is not found.\n' });
    expect((await called(['exec', '-s', source, '--secret', 'OTHER', '--', folder])).code).toBe(126);
  });

  it('given a command that runs, when a signal comes, then it gets it, and says how that ends', async () => {
    const ready = join(folder, 'ready');
    const script = `process.on('SIGTERM', () => process.exit(3)); require('fs').writeFileSync(${JSON.stringify(ready)}, ''); setInterval(() => {}, 1000)`;
    const call = new CommandCall(node(script));
    while (!(await readFile(ready).catch(() => undefined))) await new Promise((done) => setTimeout(done, 20));
    call.send('SIGTERM');
    expect(await call.code).toBe(3);
  });

  it('given options of the command, when they stand behind it, then they are its own', async () => {
    const argv = [
      'exec',
      '-s',
      source,
      '--secret',
      'OTHER',
      process.execPath,
      '-e',
      'process.exit(process.argv.length)',
      '--',
      '-s',
      '--help',
    ];
    expect((await called(argv)).code).toBe(3);
  });
});

describe('variables of a child', () => {
  it.each([
    'PATH',
    'path',
    'LD_PRELOAD',
    'DYLD_INSERT_LIBRARIES',
    'NODE_OPTIONS',
    'BASH_ENV',
    'ENV',
    'PYTHONPATH',
    'JAVA_TOOL_OPTIONS',
    'GIT_SSH_COMMAND',
    'https_proxy',
    'npm_config_registry',
    'PERL5OPT',
    'RUBYOPT',
    'NODE_EXTRA_CA_CERTS',
    'IFS',
    'SSL_CERT_FILE',
  ])('given %s, when it is looked at, then only a hand may set it', (name) => expect(isPowerful(name)).toBe(true));

  it.each([
    'VAULT_TOKEN',
    'BAO_SECRET_ID',
    'AWS_SESSION_TOKEN',
    'AZURE_CLIENT_SECRET',
    'GOOGLE_APPLICATION_CREDENTIALS',
    'KUBECONFIG',
    'HCP_VAULT_STATUS_TOKEN',
    'IDENTITY_HEADER',
  ])('given %s, when it is looked at, then it is our own', (name) => expect(isOwnCredential(name)).toBe(true));

  it('given names of secrets, when the rule makes variables of them, then they are such as a shell takes', () => {
    expect(['db.pass-word', '/prod/a b/', '2fa', 'ключ', 'a__b'].map((name) => variableFor(name))).toEqual([
      'DB_PASS_WORD',
      'PROD_A_B',
      '_2FA',
      '',
      'A__B',
    ]);
  });

  it('given a mapping, when its name holds # or %, then these are encoded', () => {
    expect(mappedByHand('A=x%23y#z%25')).toEqual({ variable: 'A', name: 'x#y', field: 'z%' });
    expect(() => mappedByHand('A=x%zz')).toThrow('%25');
    expect(() => mappedByHand('A=x#')).toThrow('names no field');
  });

  it('given values that are not text, when they are mapped, then objects are JSON by hand, and bytes are refused', () => {
    expect(variablesOfAll([[{ name: 'O', variable: 'V' }, { a: 1 }]])).toEqual({ V: '{"a":1}' });
    expect(() => variablesOfAll([[{ name: 'B', variable: 'V' }, Uint8Array.of(1)]])).toThrow('is bytes');
    expect(() => variablesOfAll([[{ name: 'ключ' }, 'x']])).toThrow('gives no name');
  });
});
