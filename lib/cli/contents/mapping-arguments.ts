import type { Command } from 'commander';
import { UsageError } from '../usage-error.js';
import type { Contents } from './held-secrets.js';
import type { NameMapping } from './name-mapping.js';

/** The options of {@link NameMapping}. */
export const declareMapping = (command: Command): Command =>
  command
    .option('--prefix <text>', 'only secrets whose names at A begin with it')
    .option('--strip <text>', 'taken off the beginning of names: "app/DB" of A is "DB" of B with --strip app/')
    .option('--rename <a=b...>', 'a secret that has another name at B; may be given several times');

/** Throws UsageError for a renaming of what is not there. */
export function checkRenamings(mapping: NameMapping, contents: Contents): void {
  const [unused] = mapping.unused(new Set(contents.keys()));
  if (unused !== undefined) throw new UsageError(`--rename: A holds no "${unused}".`);
}
