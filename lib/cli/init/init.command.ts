import { createRequire } from 'node:module';
import type { CliOutput } from '../cli-output.js';
import { initPlan, type InitOptions, type OwnManifest } from './plan.js';
import { ProjectFolder } from './project-folder.js';
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
  const files = new ProjectFolder(folder);
  const source = options.source ?? (ask && (await askedSource(ask)));
  const { changes, needsInstall, packageManager = 'npm', notes } = initPlan(files, { ...options, source }, own);
  await files.write(changes);
  for (const { path, isNew } of changes) output.out(`${isNew ? 'CREATE' : 'UPDATE'} ${path}\n`);
  if (changes.length === 0) output.out('Nothing to change.\n');
  if (needsInstall) output.out(`package.json has new dependencies: please install them (${packageManager} install).\n`);
  for (const note of notes) output.out(`${note}\n`);
}

async function askedSource(ask: (question: string) => Promise<string>): Promise<string> {
  const rows = SOURCES.map(({ name, title }) => `  ${name.padEnd(8)} ${title}\n`).join('');
  const answer = await ask(`Where do production's secrets come from?\n${rows}Source (${DEFAULT_SOURCE}): `);
  return answer.trim() || DEFAULT_SOURCE;
}

/** By the package's own name, wherever the build has put this file. */
const ownManifest = (): OwnManifest => createRequire(import.meta.url)('nestjs-hcp-vault/package.json') as OwnManifest;
