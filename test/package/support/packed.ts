import { cp, mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runWell } from './run.js';

export const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = process.env.PACKED_FOLDER ?? '';
export const tarball = process.env.PACKED_TARBALL ?? '';
/** What the tarball holds. */
export const unpacked = join(folder, 'package');

const consumers = join(root, 'test/package/consumers');

/**
 * A project of a user, with the unpacked tarball in its `node_modules` and links to our own copies of what else it names: made in no time.
 * `files` are written into it.
 */
export async function linkedConsumer(
  dependencies: readonly string[],
  files: Record<string, string> = {},
): Promise<string> {
  const project = await mkdtemp(join(folder, 'linked-'));
  const modules = join(project, 'node_modules');
  await mkdir(modules);
  await cp(unpacked, join(modules, 'nestjs-hcp-vault'), { recursive: true });
  for (const name of dependencies) {
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(modules, name));
  }
  for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
  return project;
}

/** What the package itself and every Nest app need. */
export const needed = [
  '@standard-schema/spec',
  'commander',
  'ms',
  'undici',
  '@nestjs/common',
  '@nestjs/core',
  'reflect-metadata',
  'rxjs',
];

const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];

/** A project of a user out of `test/package/consumers`, with the tarball and all its dependencies installed by npm. */
export async function installedConsumer(name: string): Promise<string> {
  const project = await mkdtemp(join(folder, `${name}-`));
  await cp(join(consumers, name), project, { recursive: true });
  await runWell('npm', ['install', '--save', ...quiet, tarball], { cwd: project });
  return project;
}

/** One tool that is not a dependency of ours, installed by npm: its folder, below which `node_modules` has it. */
export async function installedTool(specifier: string): Promise<string> {
  const project = await mkdtemp(join(folder, 'tool-'));
  await writeFile(join(project, 'package.json'), '{"private":true}');
  await runWell('npm', ['install', '--no-save', ...quiet, specifier], { cwd: project });
  return project;
}

/** Files below a folder, by their paths in it. */
export async function filesIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(path.length + 1))
    .sort();
}
