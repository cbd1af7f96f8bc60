import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runInit } from '../../lib/cli/init/init.command.js';
import { nestAdd } from '../../lib/cli/init/nest-add.js';
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
    ['', 'SECRETS_FILE'],
  ])('given the answer %j on a terminal, when it runs, then the app takes that source', async (answer, expression) => {
    const asked: string[] = [];
    const ask = (question: string): Promise<string> => Promise.resolve((asked.push(question), answer));
    await runInit({}, { folder, own: OWN, ask }, output);
    expect(asked).toEqual([
      expect.stringMatching(/file .*\n.*env .*\n.*dir .*\n.*vault .*\n.*aws-sm .*\n.*aws-ssm .*\n.*azure /),
    ]);
    expect((await filesIn())['src/secrets.ts']).toContain(expression);
  });

  it.each([
    [['init', '--source', 'hcp'], 'there is no source "hcp"'],
    [['init', '--seed', 'x'], '"init" has no option --seed'],
    [['emulator', '--source', 'x'], '"emulator" has no option --source'],
    [['init', 'more'], 'the commands are "init" and "emulator"'],
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

describe('the schematic nest-add', () => {
  const added = (options: object) => {
    const project = freshProject(12);
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
});
