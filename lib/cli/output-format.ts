import type { Command } from 'commander';
import { UsageError } from './usage-error.js';

export interface FormatOptions {
  readonly format?: string | undefined;
}

/** Declares `--format`: text for people, one JSON value for programs. */
export const withFormatOption = (command: Command): Command =>
  command.option('--format <format>', 'text, or json for programs (default: text)');

/** @throws UsageError for another one. */
export function isJson({ format = 'text' }: FormatOptions): boolean {
  if (format === 'json') return true;
  if (format === 'text') return false;
  throw new UsageError('--format is text or json.');
}
