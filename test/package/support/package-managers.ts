import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tarball } from './packed.js';
import { runWell } from './run.js';

/** A project whose dependencies are not installed, with the app that all consumers share as one of them compiled it. */
async function bareProject(consumer: string, name: string): Promise<string> {
  const folder = join(consumer, '..', `${name}-project`); // beside the consumer: nothing is found in its node_modules
  await mkdir(join(folder, 'dist'), { recursive: true });
  for (const file of ['app.js', 'main.js']) await cp(join(consumer, 'dist', file), join(folder, 'dist', file));
  const { type, dependencies: all } = JSON.parse(await readFile(join(consumer, 'package.json'), 'utf8')) as {
    type: string;
    dependencies: Record<string, string>;
  };
  const names = ['@nestjs/common', '@nestjs/config', '@nestjs/core', '@nestjs/platform-express'];
  const dependencies = Object.fromEntries([...names, 'reflect-metadata', 'rxjs'].map((key) => [key, all[key]]));
  dependencies['nestjs-hcp-vault'] = `file:${tarball}`;
  await writeFile(join(folder, 'package.json'), JSON.stringify({ name, private: true, type, dependencies }));
  return folder;
}

/** Where npm installs from. */
const registry = async (): Promise<string> => (await runWell('npm', ['config', 'get', 'registry'])).trim();

/** Installs by pnpm, whose node_modules shows a package nothing but what it names, and gives what the app prints. */
export async function installedByPnpm(consumer: string): Promise<unknown> {
  const cwd = await bareProject(consumer, 'pnpm');
  const pnpm = join(consumer, 'node_modules/pnpm/bin/pnpm.cjs');
  const env = { CI: 'true', npm_config_registry: await registry() };
  const flags = ['--no-frozen-lockfile', '--ignore-scripts', '--store-dir', join(cwd, 'store')];
  await runWell(process.execPath, [pnpm, 'install', ...flags], { cwd, env });
  return JSON.parse(await runWell(process.execPath, ['dist/main.js'], { cwd })) as unknown;
}

const YARN = `nodeLinker: pnp
enableTelemetry: false
enableGlobalCache: false
enableScripts: false
enableImmutableInstalls: false
`;

/** Installs by Yarn without any node_modules (Plug'n'Play), and gives what the app prints. */
export async function installedByYarn(consumer: string): Promise<unknown> {
  const cwd = await bareProject(consumer, 'yarn');
  await writeFile(join(cwd, '.yarnrc.yml'), YARN);
  await writeFile(join(cwd, 'yarn.lock'), ''); // a project of its own, whatever is above it
  const yarn = join(consumer, 'node_modules/@yarnpkg/cli-dist/bin/yarn.js');
  const env = { CI: 'true', YARN_NPM_REGISTRY_SERVER: await registry(), YARN_GLOBAL_FOLDER: join(cwd, 'global') };
  await runWell(process.execPath, [yarn, 'install'], { cwd, env });
  return JSON.parse(await runWell(process.execPath, [yarn, 'node', 'dist/main.js'], { cwd, env })) as unknown;
}
