import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_VERSION } from '../../lib/core/package-version.js';

// Below the repository, where its packages are found.
const CACHE = join(process.cwd(), '.cache');

let folder: string;
let program: string;
let seed: string;
beforeAll(async () => {
  await mkdir(CACHE, { recursive: true });
  folder = await mkdtemp(join(CACHE, 'cli-'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  // In a process of its own: the bundler knows its objects by their class, which jest has another of.
  const write = "import('./scripts/bundle.mjs').then(({ writeProgram }) => writeProgram(process.argv[1]))";
  expect(spawnSync(process.execPath, ['-e', write, folder], { encoding: 'utf8' })).toMatchObject({
    status: 0,
    stderr: '',
  });
  program = join(folder, 'cli.js');
  seed = join(folder, 'seed.json');
  await writeFile(seed, JSON.stringify({ clientSecret: 'canary-client', apps: { web: { KEY: 'canary-key' } } }));
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const node = process.execPath;
const run = (argv: string[], options: { env?: NodeJS.ProcessEnv; input?: string } = {}) =>
  spawnSync(node, [program, ...argv], { encoding: 'utf8', timeout: 15_000, ...options });

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 500; !(await isSo()); left -= 1) {
    if (left === 0) throw new Error('it never was');
    await new Promise((done) => setTimeout(done, 20));
  }
}

describe('the command line as a program', () => {
  it('given --version, when it runs, then it prints that of the package', () => {
    const { status, stdout, stderr } = run(['--version']);
    expect([status, stdout, stderr]).toEqual([0, `${PACKAGE_VERSION}\n`, '']);
  });

  it('given a reader that has gone, when it prints, then it ends without a word', async () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`NAME_${at}`, 'canary-value']));
    const file = join(folder, 'many.json');
    await writeFile(file, JSON.stringify(many));
    const { stdout, stderr } = spawnSync('sh', ['-c', `"$0" "$1" list -s "file:$2" | head -n 1`, node, program, file], {
      encoding: 'utf8',
    });
    expect([stdout, stderr]).toEqual(['NAME_0\n', '']);
  });

  it('given a secret that changes while it is watched, when it is looked at again, then a line tells, and a signal ends it well', async () => {
    const file = join(folder, 'watched.json');
    await writeFile(file, '{"A":"canary-a"}');
    const watching = spawn(node, [program, 'watch', '-s', `file:${file}`, '--every', '250ms']);
    let [out, err] = ['', ''];
    watching.stdout.on('data', (data: Buffer) => (out += data.toString()));
    watching.stderr.on('data', (data: Buffer) => (err += data.toString()));
    const ended = new Promise((resolve) => watching.once('exit', resolve));
    await until(() => err.includes('watching') || watching.exitCode !== null);
    await writeFile(file, '{"A":"canary-b"}');
    await until(() => / A \S+\n/.test(out) || watching.exitCode !== null);
    watching.kill('SIGTERM');
    expect([await ended, out]).toEqual([0, expect.stringMatching(/^\S+ A \S+\n$/)]);
    expect(out + err).not.toContain('canary');
  });

  it('given a command, when the emulator runs it, then it has the variables, and the emulator ends as it does', async () => {
    const out = join(folder, 'environment.json');
    const script = `require('fs').writeFileSync(${JSON.stringify(out)}, JSON.stringify(process.env)); process.exit(5)`;
    const { status, stdout } = run(['emulator', '--seed', seed, '--', node, '-e', script]);
    expect([status, stdout]).toEqual([5, '']);
    expect(JSON.parse(await readFile(out, 'utf8'))).toMatchObject({ HCP_APP_ID: 'web', HCP_API_TLS: 'disabled' });
  });
});

describe('the emulator below npx', () => {
  // npx → sh → node, as npm 11 has it: a signal to npx alone reaches neither of them.
  const NPX = `
    const { spawn } = require('child_process');
    const shell = spawn('sh', ['-c', '"$0" "$1" emulator --seed "$2" & echo $! >&2; wait', ...process.argv.slice(1)], { stdio: ['ignore', 'pipe', 'pipe'] });
    shell.stderr.on('data', (pid) => process.stderr.write(pid));
    shell.stdout.on('data', (line) => process.stdout.write(line));
    process.on('SIGTERM', () => { shell.kill('SIGTERM'); setTimeout(() => process.exit(143), 10); });
  `;
  let npx: ChildProcess;
  let pid = 0;
  beforeEach(async () => {
    npx = spawn(node, ['-e', NPX, node, program, seed], { env: { ...process.env, npm_command: 'exec' } });
    let out = '';
    npx.stdout!.on('data', (text) => (out += String(text)));
    npx.stderr!.on('data', (text) => (pid ||= Number(String(text))));
    await until(() => out.includes('apiUrl') && pid > 0);
  });
  afterEach(() => {
    if (pid > 0 && isAlive(pid)) process.kill(pid, 'SIGKILL'); // 0 would be our own group
    pid = 0;
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'given npx, when it is ended by %s, then the emulator ends too',
    async (signal) => {
      expect(isAlive(pid)).toBe(true);
      npx.kill(signal);
      await until(() => !isAlive(pid));
    },
  );
});
