import type { Command } from 'commander';
import { printable } from '../../core/errors/index.js';
import { didYouMean, nearNames } from '../../core/options/near-names.js';
import { UsageError } from '../usage-error.js';
import type { Contents } from './held-secrets.js';
import type { NameMapping } from './name-mapping.js';

/** The options of {@link NameMapping}. */
export const declareMapping = (command: Command): Command =>
  command
    .option('--prefix <text>', 'only secrets whose names at A begin with it')
    .option('--only <name...>', 'these secrets of A and no others; whole names')
    .option('--except <name...>', 'all but these secrets of A; whole names')
    .option('--strip <text>', 'taken off the beginning of names: "app/DB" of A is "DB" of B with --strip app/')
    .option('--rename <a=b...>', 'a secret that has another name at B; may be given several times');

/** What is meant of the first source. Throws UsageError for an option with a name that is not there, with those that are near. */
export function chosenOf(mapping: NameMapping, contents: Contents): Contents {
  const [unused] = mapping.unused(contents);
  if (unused) {
    const meant =
      unused.name.includes(',') && unused.name.split(',').every((part) => contents.has(part.trim()))
        ? ' Names are divided by blanks.'
        : didYouMean(nearNames(unused.name, contents.keys()));
    throw new UsageError(`${unused.option}: A holds no "${printable(unused.name)}".${meant}`);
  }
  return new Map([...contents].filter(([name]) => mapping.takes(name)));
}

/** What is meant of the second source: not what the first one's secrets that are left out have there. */
export function chosenThere(mapping: NameMapping, contents: Contents, there: Contents): Contents {
  const namesAt = (isTaken: boolean): ReadonlySet<string> =>
    new Set(
      [...contents.keys()].filter((name) => mapping.takes(name) === isTaken).map((name) => mapping.to(name) ?? name),
    );
  const [taken, leftOut] = [namesAt(true), namesAt(false)];
  return new Map([...there].filter(([name]) => taken.has(name) || (mapping.isOpen && !leftOut.has(name))));
}
