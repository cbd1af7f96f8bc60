import { readFileSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { CliOutput } from '../cli-output.js';
import { initPlan, type FileChange, type InitOptions, type OwnManifest } from './plan.js';
import { DEFAULT_SOURCE, SOURCES } from './source-choice.js';

/** What the command has around it. */
export interface InitSurroundings {
  /** The project's folder. */
  readonly folder: string;
  /** Puts a question to who is there; undefined where nobody is. */
  readonly ask?: ((question: string) => Promise<string>) | undefined;
  readonly own?: OwnManifest;
}

/**
 * Does what `nest add` does, for those without the Nest CLI.
 * @throws InitError before anything is written, where it can't be done.
 */
export async function runInit(
  options: InitOptions,
  { folder, ask, own = ownManifest() }: InitSurroundings,
  output: CliOutput,
): Promise<void> {
  const read = (path: string): string | undefined => textOf(join(folder, path));
  const source = options.source ?? (ask && (await askedSource(ask)));
  const { changes, needsInstall, notes } = initPlan({ read }, { ...options, source }, own);
  for (const change of changes) {
    await write(folder, change);
    output.out(`${change.isNew ? 'CREATE' : 'UPDATE'} ${change.path}\n`);
  }
  if (changes.length === 0) output.out('Nothing to change.\n');
  if (needsInstall) output.out('package.json has new dependencies: please install them (npm install).\n');
  for (const note of notes) output.out(`${note}\n`);
}

async function askedSource(ask: (question: string) => Promise<string>): Promise<string> {
  const rows = SOURCES.map(({ name, title }) => `  ${name.padEnd(8)} ${title}\n`).join('');
  const answer = await ask(`Where do production's secrets come from?\n${rows}Source (${DEFAULT_SOURCE}): `);
  return answer.trim() || DEFAULT_SOURCE;
}

/** Whole or not at all. */
async function write(folder: string, { path, text }: FileChange): Promise<void> {
  const file = join(folder, path);
  const beside = `${file}.${process.pid}.tmp`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(beside, text, { flag: 'wx' });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** By the package's own name, wherever the build has put this file. */
const ownManifest = (): OwnManifest => createRequire(import.meta.url)('nestjs-hcp-vault/package.json') as OwnManifest;
