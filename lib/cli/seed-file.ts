import type { Seed } from '../testing/emulator/index.js';
import { textOf } from './bounded-file.js';
import { UsageError } from './usage-error.js';

/** Reads a seed; what is in it is checked by the emulator. */
export async function readSeed(path: string): Promise<Seed> {
  // Quoting such a "path" would quote a secret.
  if (path.trimStart().startsWith('{')) throw new UsageError('--seed takes the path of a JSON file, not JSON itself.');
  let text: string;
  try {
    text = await textOf(path);
  } catch (error) {
    throw new UsageError(`the seed file ${path} cannot be read (${(error as Error).message}).`);
  }
  try {
    return JSON.parse(text) as Seed;
  } catch (error) {
    throw new UsageError(`the seed file ${path} is not JSON${positionIn(error)}.`);
  }
}

/** V8's message quotes what it refuses; only the position may go on. */
function positionIn(error: unknown): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)$/.exec((error as Error).message) ?? [];
  return line === undefined ? '' : ` (line ${line}, column ${column})`;
}
