import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort, startChild, type ChildServer } from '../servers/child.server.js';
import { startRegistry, type LoopbackRegistry } from './support/loopback-registry.js';
import { NestCli, textsOf, type Nest } from './support/nest-cli.js';
import { run, runWell } from './support/run.js';

/** What the user does: puts the secret where it is wanted. */
async function useTheSecret(app: string): Promise<void> {
  const path = join(app, 'src/app.service.ts');
  const text = await readFile(path, 'utf8');
  const edited = text
    .replace("import { Injectable } from '@nestjs/common';", "$&\nimport { InjectSecret } from 'nestjs-hcp-vault';")
    .replace('export class AppService {', "$&\n  @InjectSecret('EXAMPLE_KEY') private readonly key!: string;\n")
    .replace("return 'Hello World!'", 'return `Hello ${this.key}`');
  expect(edited.split('\n').length - text.split('\n').length).toBe(3);
  await writeFile(path, edited);
}

async function answers(url: string, text: string): Promise<boolean> {
  return (await (await fetch(url)).text()) === text;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('It did not come to that within 20 s.');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

describe.each<Nest>([11, 12])('nest add nestjs-hcp-vault, by the CLI of Nest %i', (nest) => {
  let cli: NestCli;
  let registry: LoopbackRegistry;
  let app: string;
  let untouched: string;
  let server: ChildServer | undefined;

  beforeAll(async () => {
    [cli, registry] = await Promise.all([NestCli.installed(nest), startRegistry()]);
    app = await cli.fresh('shop');
    untouched = `${app}-untouched`;
    await cp(app, untouched, { recursive: true });
    await cli.install(app);
  });
  afterAll(async () => {
    await server?.stop();
    await registry?.close();
  });

  const add = (folder: string, ...flags: string[]) =>
    cli.run(['add', 'nestjs-hcp-vault', ...flags], folder, { npm_config_registry: registry.url });

  it('given a fresh app, when it is added, then two edits and a minute later the app shows a secret, and its next value without a restart', async () => {
    const began = performance.now();
    const { stdout, stderr } = await add(app);
    expect(stdout + stderr).toContain('EXAMPLE_KEY');
    await writeFile(join(app, '.env'), 'EXAMPLE_KEY=one\n'); // edit 1
    await useTheSecret(app); // edit 2
    const built = await cli.run(['build'], app);
    expect([built.code, built.code === 0 || built.stdout + built.stderr]).toEqual([0, true]);
    const port = await freePort();
    const url = `http://127.0.0.1:${port}/`;
    const ready = () => answers(url, 'Hello one');
    const env = { PORT: String(port), NO_COLOR: '1' };
    server = await startChild({ command: process.execPath, args: ['dist/main.js'], cwd: app, env, ready });
    await writeFile(join(app, '.env'), 'EXAMPLE_KEY=two\n');
    await until(() => answers(url, 'Hello two'));
    const seconds = (performance.now() - began) / 1000;
    process.stdout.write(`nest add of Nest ${nest}, to a live secret: ${seconds.toFixed(1)} s\n`);
    expect(seconds).toBeLessThan(60);
    await server.stop();
    expect(server.log()).not.toMatch(/EXAMPLE_KEY=|\bone\b|\btwo\b/);
  });

  it('given that app, when it is added again, by whichever way, then nothing changes', async () => {
    const before = await textsOf(app);
    const again = await add(app, '--skip-install', '--source', 'vault');
    expect(again.stdout).toContain('src/secrets.ts is there, and was left as it is.');
    const command = join(app, 'node_modules/.bin/nestjs-hcp-vault');
    expect(await runWell(command, ['init', '--source', 'vault'], { cwd: app })).toMatch(/^Nothing to change\./);
    expect(await textsOf(app)).toEqual(before);
  });

  it('given fresh apps, when one is added to and `init` runs in the other, then both hold the same, compile, and their tests pass', async () => {
    const [byCommand, bySchematic] = [await installedBeside('by-command'), await installedBeside('by-schematic')];
    const command = join(app, 'node_modules/.bin/nestjs-hcp-vault');
    await runWell(command, ['init', '--source', 'aws-sm'], { cwd: byCommand });
    await add(bySchematic, '--skip-install', '--source', 'aws-sm');
    const written = await textsOf(bySchematic);
    expect(await textsOf(byCommand)).toEqual(written);
    expect(written['.env.example']).toContain('AWS_REGION=\n');
    await writeFile(join(bySchematic, 'tsconfig.src.json'), '{ "extends": "./tsconfig.json", "include": ["src"] }');
    await compile(bySchematic, 'tsconfig.src.json');
    const { code, stdout, stderr } = await run('npm', ['test', '--silent'], {
      cwd: bySchematic,
      env: { NO_COLOR: '1' },
    });
    expect([code, code === 0 || stdout + stderr]).toEqual([0, true]);
    expect(stdout + stderr).toMatch(/Tests:? +2 passed/);
  });

  it('given a source that is none, when it is added, then the CLI shows why, and nothing is written', async () => {
    const folder = await installedBeside('refused');
    const before = await textsOf(folder);
    const { stdout, stderr } = await add(folder, '--skip-install', '--source', 'hcp');
    expect(stdout + stderr).toContain(
      'there is no source "hcp": take one of file, env, dir, vault, aws-sm, aws-ssm, gcp, azure, k8s.',
    );
    expect(await textsOf(folder)).toEqual(before);
  });

  it('given a monorepo, when it is added to one of its apps, then that one compiles with it, and the other is as it was', async () => {
    const folder = await installedBeside('monorepo');
    await cli.run(['generate', 'app', 'second'], folder);
    const before = await textsOf(folder);
    const { stdout } = await add(folder, '--skip-install', '--project', 'second', '--source', 'dir');
    expect(stdout).toContain('apps/second/src/second.module.ts');
    const changed = Object.entries(await textsOf(folder)).filter(([path, text]) => text !== before[path]);
    expect(changed.map(([path]) => path).sort()).toEqual([
      '.env.example',
      '.gitignore',
      'apps/second/src/second.module.ts',
      'apps/second/src/secrets.spec.ts',
      'apps/second/src/secrets.ts',
      'package.json',
    ]);
    await compile(folder, 'apps/second/tsconfig.app.json');
  });

  /** A fresh app with the packages of the first one. */
  async function installedBeside(name: string): Promise<string> {
    const folder = `${app}-${name}`;
    await cp(untouched, folder, { recursive: true });
    await symlink(join(app, 'node_modules'), join(folder, 'node_modules'));
    return folder;
  }

  async function compile(cwd: string, project: string): Promise<void> {
    const tsc = join(app, 'node_modules/typescript/bin/tsc');
    await runWell(process.execPath, [tsc, '-p', project, '--noEmit', '--incremental', 'false'], { cwd });
  }
});
