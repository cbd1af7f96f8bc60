import { UsageError } from '../usage-error.js';

/** The option `--format`. */
export function formatOf(given: string | undefined): 'text' | 'json' {
  if (given === undefined || given === 'text' || given === 'json') return given ?? 'text';
  throw new UsageError('--format is text or json.');
}
