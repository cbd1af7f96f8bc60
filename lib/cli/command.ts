import type { Command } from 'commander';
import type { CliOutput } from './cli-output.js';
import type { Surroundings } from './surroundings.js';

/** One call of a command, its arguments parsed. */
export interface CommandCall<O = Readonly<Record<string, unknown>>> {
  /** What stands beside the options, in its order; of a command that ends in another's arguments these too. */
  readonly operands: readonly string[];
  /** By commander's names: `--dry-run` is `dryRun`. */
  readonly options: O;
  readonly output: CliOutput;
  readonly around: Surroundings;
}

/** A command: a file that is loaded when it is called, or asked for help. */
export interface CliCommand<O = never> {
  /** Declares arguments, options and what help says beyond them. No parsers and no choices: their errors quote what was given. */
  declare(command: Command): void;
  /** Gives the exit code; nothing counts as 0. What it throws is told in one line, see `exitCodeOf`. */
  run(call: CommandCall<O>): Promise<number | void>;
}

/** A command as the list of them has it. */
export interface ListedCommand {
  readonly name: string;
  /** One line of the list. */
  readonly summary: string;
  /** In place of the other codes, where the exit code is another program's. */
  readonly failsWith?: number;
  readonly load: () => Promise<CliCommand>;
}
