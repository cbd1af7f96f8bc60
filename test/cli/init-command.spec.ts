import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { InitError } from '../../lib/cli/init/init-error.js';
import { runInit } from '../../lib/cli/init/init.command.js';
import { nestAdd } from '../../lib/cli/init/nest-add.js';
import { questionsOn } from '../../lib/cli/question.js';
import { run } from '../../lib/cli/run.js';
import { freshProject, OWN } from './fresh-project.js';

let folder: string;
let out: string;
let err: string;
const output = { out: (text: string) => (out += text), err: (text: string) => (err += text) };

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'init-'));
  out = '';
  err = '';
  for (const [path, text] of Object.entries(freshProject(11).files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const filesIn = async (): Promise<Record<string, string>> => {
  const found: Record<string, string> = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found[path.slice(folder.length + 1)] = await readFile(path, 'utf8');
  }
  return found;
};

describe('nestjs-hcp-vault init', () => {
  it('given a fresh app, when it runs twice, then it writes and tells what, and then changes nothing', async () => {
    await runInit({ source: 'aws-sm' }, { folder, own: OWN }, output);
    expect(out).toMatch(/^UPDATE package.json\nUPDATE src\/app.module.ts\nCREATE .env.example\nCREATE .gitignore\n/);
    expect(out).toContain('please install them');
    const expected = freshProject(11);
    expected.apply(expected.init({ source: 'aws-sm' }));
    const written = await filesIn();
    expect(written).toEqual(expected.files);
    out = '';
    await runInit({ source: 'aws-sm' }, { folder, own: OWN }, output);
    expect(out).toMatch(/^Nothing to change\.\n/);
    expect(await filesIn()).toEqual(written);
  });

  it.each([
    ['aws-ssm\n', 'awsParameterStore'],
    ['azure\n', 'azureKeyVault'],
    ['k8s\n', 'kubernetesSecrets'],
    ['', 'SECRETS_FILE'],
  ])('given the answer %j on a terminal, when it runs, then the app takes that source', async (answer, expression) => {
    const asked: string[] = [];
    const ask = (question: string): Promise<string> => Promise.resolve((asked.push(question), answer));
    await runInit({}, { folder, own: OWN, ask }, output);
    expect(asked).toEqual([
      expect.stringMatching(
        /file .*\n.*env .*\n.*dir .*\n.*vault .*\n.*aws-sm .*\n.*aws-ssm .*\n.*gcp .*\n.*azure .*\n.*k8s /,
      ),
    ]);
    expect((await filesIn())['src/secrets.ts']).toContain(expression);
  });

  it.each([
    [['init', '--source', 'hcp'], 'there is no source "hcp"'],
    [['init', '--seed', 'x'], '"init" has no option --seed'],
    [['emulator', '--source', 'x'], '"emulator" has no option --source'],
    [['init', 'more'], '"init" takes fewer arguments'],
    [['init', '--project', 'x'], 'names no @nestjs/core'],
  ])('given %j, when it runs, then it says what is wrong, with code 2', async (argv, text) => {
    await writeFile(join(folder, 'package.json'), '{}');
    const before = process.cwd();
    process.chdir(folder);
    const code = await run(argv, output).finally(() => process.chdir(before));
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(text);
    expect(Object.keys(await filesIn())).not.toContain('src/secrets.ts');
  });
});

describe('init on a disk that is in its way', () => {
  const init = (): Promise<void> => runInit({ source: 'env' }, { folder, own: OWN }, output);
  /** Where init writes a file before it takes its place. */
  const besideOf = (path: string): string => join(folder, `${path}.${process.pid}.tmp`);

  it('given the last of its files can not be written, when it runs, then no other has been, and nothing is left over', async () => {
    await writeFile(besideOf('src/secrets.ts'), 'of another');
    const before = await filesIn();
    await expect(init()).rejects.toThrow(
      new InitError('src/secrets.ts can not be written (EEXIST). Nothing was changed.'),
    );
    expect([await filesIn(), out]).toEqual([before, '']);
  });

  it('given a folder in the place of a file, when it runs, then the error says so', async () => {
    await mkdir(join(folder, '.env.example'));
    const before = await filesIn();
    await expect(init()).rejects.toThrow(new InitError('.env.example can not be read (EISDIR). Nothing was changed.'));
    expect(await filesIn()).toEqual(before);
  });

  it('given a linked file and one of its own mode, when it runs, then the link stays one, and the mode', async () => {
    const [module, real] = [join(folder, 'src/app.module.ts'), join(folder, 'real.ts')];
    await rename(module, real);
    await symlink('../real.ts', module);
    await chmod(real, 0o640);
    await chmod(join(folder, 'package.json'), 0o600);
    await init();
    expect((await lstat(module)).isSymbolicLink()).toBe(true);
    expect(await readFile(real, 'utf8')).toContain('secretsModule');
    const modes = await Promise.all([real, join(folder, 'package.json')].map((file) => stat(file)));
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o640, 0o600]);
  });

  it.each([
    ['pnpm-lock.yaml', 'pnpm install'],
    ['yarn.lock', 'yarn install'],
    ['bun.lock', 'bun install'],
    ['bun.lockb', 'bun install'],
    ['package-lock.json', 'npm install'],
  ])('given %s, when it runs, then it tells to install by "%s"', async (lock, command) => {
    await writeFile(join(folder, lock), '');
    await init();
    expect(out).toContain(`please install them (${command}).`);
  });
});

describe('a question on a terminal', () => {
  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('given %s in place of an answer, when it is asked, then it is an InitError', async (_, key) => {
    const input = new PassThrough();
    const answer = questionsOn({ input, output: new PassThrough() })('Source? ');
    input.write(key);
    await expect(answer).rejects.toThrow(new InitError('no answer. Nothing was changed.'));
  });

  it('given an answer, when it is asked, then it is that', async () => {
    const input = new PassThrough();
    const answer = questionsOn({ input, output: new PassThrough() })('Source? ');
    input.write('vault\r');
    await expect(answer).resolves.toBe('vault');
  });
});

describe('the schematic nest-add', () => {
  const added = (options: object, more: Record<string, string> = {}) => {
    const project = freshProject(12);
    Object.assign(project.files, more);
    const said: string[] = [];
    const tasks: object[] = [];
    const tree = {
      read: (path: string) => (project.files[path] === undefined ? null : Buffer.from(project.files[path])),
      create: (path: string, text: string) => {
        if (path in project.files) throw new Error(`${path} is there`);
        project.files[path] = text;
      },
      overwrite: (path: string, text: string) => {
        if (!(path in project.files)) throw new Error(`${path} is not there`);
        project.files[path] = text;
      },
    };
    const context = {
      logger: { info: (text: string) => said.push(text) },
      addTask: (task: { toConfiguration(): object }) => tasks.push(task.toConfiguration()),
    };
    nestAdd(OWN)(options)(tree, context);
    return { files: project.files, said, tasks };
  };

  it('given what the CLI hands on, flags of others included, when it runs, then it writes what init writes, and has it installed', () => {
    const { files, said, tasks } = added({ source: 'vault', sourceRoot: 'src', unknown: true });
    const expected = freshProject(12);
    expected.apply(expected.init({ source: 'vault' }));
    expect(files).toEqual(expected.files);
    expect(tasks).toEqual([{ name: 'node-package', options: { command: 'install', quiet: true } }]);
    expect(said.join('\n')).toContain('EXAMPLE_KEY');
  });

  it('given --skip-install, when it runs, then it installs nothing, and says what is to be installed', () => {
    const { said, tasks } = added({ skipInstall: true });
    expect(tasks).toEqual([]);
    expect(said[0]).toContain('please install them');
  });

  it('given a lock file of Bun, which the CLI takes for none, when it runs, then Bun installs', () => {
    expect(added({}, { 'bun.lock': '' }).tasks).toEqual([
      { name: 'node-package', options: { command: 'install', quiet: true, packageManager: 'bun' } },
    ]);
  });
});
