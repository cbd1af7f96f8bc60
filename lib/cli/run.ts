import { Command, CommanderError } from 'commander';
import { foreignCause, isSecretError, printable } from '../core/errors/index.js';
import { PACKAGE_VERSION } from '../core/package-version.js';
import type { CliOutput } from './cli-output.js';
import type { CliCommand, ListedCommand } from './command.js';
import { COMMANDS } from './commands/index.js';
import { refusalOf } from './commander-refusal.js';
import { ExitCode, exitCodeOf } from './exit-code.js';
import { Interrupted } from './signals.js';
import { withTypedOptions } from './source/typed-options.js';
import type { Surroundings } from './surroundings.js';
import { ownSurroundings } from './surroundings.js';

export type { CliOutput } from './cli-output.js';

const NAME = 'nestjs-hcp-vault';

const AFTER_HELP = `
Results go to standard output, progress and errors to standard error.
Exit code: 0 done, or yes; 1 no: not found, not the same, not well; 2 wrong arguments, or what a source can't do;
3 the source refused or could not be reached; 70 a fault of ours. "exec" ends as its command does.
`;

/** Runs the command line, and gives its exit code. Values, and arguments that may be some, are in no error. */
export async function run(
  argv: readonly string[],
  output: CliOutput,
  given: Partial<Surroundings> = {},
): Promise<number> {
  const around = { ...ownSurroundings(), ...given };
  const wanted = wantedCommand(argv);
  try {
    return await called(argv, wanted, output, around);
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.done; // help or the version was printed
    output.err(`${NAME}: ${said(error, wanted)}\n`);
    if (wanted?.failsWith !== undefined && !(error instanceof Interrupted)) return wanted.failsWith;
    return error instanceof CommanderError ? ExitCode.usage : exitCodeOf(error);
  }
}

async function called(
  argv: readonly string[],
  wanted: ListedCommand | undefined,
  output: CliOutput,
  around: Surroundings,
): Promise<number> {
  const program = new Command(NAME)
    .description('Reads, writes and watches the secrets of an app, wherever they are kept.')
    .version(PACKAGE_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this text')
    .helpCommand('help [command]', 'print the help of a command')
    .enablePositionalOptions()
    .addHelpText('after', AFTER_HELP)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void output.out(text),
      writeErr: (text) => void output.err(text),
      outputError: () => undefined, // it quotes arguments: what is said is ours
    });
  let code: number | void = undefined;
  for (const listed of COMMANDS) {
    const command = program.command(listed.name).summary(listed.summary).helpOption('-h, --help', 'print this text');
    if (listed !== wanted) continue;
    const loaded = (await listed.load()) as CliCommand<unknown>;
    loaded.declare(command);
    command.action(async () => {
      code = await loaded.run({ operands: command.args, options: command.opts(), output, around });
    });
  }
  if (argv.length === 0) throw new CommanderError(ExitCode.usage, 'commander.help', '');
  await program.parseAsync([...argv], { from: 'user' });
  return code ?? ExitCode.done;
}

/** The one that is to be loaded: the program's own options take no argument, so the first word names it, or that after `help`. */
function wantedCommand(argv: readonly string[]): ListedCommand | undefined {
  const [first, second] = argv.filter((word) => !word.startsWith('-'));
  const name = first === 'help' ? second : first;
  return COMMANDS.find((listed) => listed.name === name);
}

function said(error: unknown, wanted: ListedCommand | undefined): string {
  const names = COMMANDS.map(({ name }) => name);
  if (error instanceof CommanderError) return refusalOf(error, wanted?.name, names);
  if (isSecretError(error) || exitCodeOf(error) !== ExitCode.fault)
    return printable(withTypedOptions((error as Error).message));
  // Its text may quote anything.
  const { name = 'Error', code } = foreignCause(error) ?? {};
  return `a fault of ours: ${[name, code].filter(Boolean).join(' ')}. Please report it, with the command and without values.`;
}
