import { parseArgs } from 'node:util';
import { isSecretError, printable } from '../core/errors/index.js';
import type { CliOutput } from './cli-output.js';
import { InitError } from './init/init-error.js';
import { runInit } from './init/init.command.js';
import { SOURCES } from './init/source-choice.js';
import { questionsOn } from './question.js';
import { termination } from './termination.js';
import { UsageError } from './usage-error.js';

export type { CliOutput } from './cli-output.js';

export const USAGE = `Usage: nestjs-hcp-vault init [--source NAME] [--project NAME]
       nestjs-hcp-vault emulator --seed seed.json [--port N] [--tls]

init      Adds the package to the Nest app in this folder, as "nest add nestjs-hcp-vault" does: its module,
          typed secrets, an example test, the names for the environment. Run again, it changes nothing.

  --source NAME   where production's secrets come from: ${SOURCES.map(({ name }) => name).join(', ')};
                  asked for on a terminal, else ${SOURCES[0]!.name}
  --project NAME  an app of a monorepo, by its name in nest-cli.json

emulator  Serves HCP Vault Secrets (API 2023-11-28) on a loopback port, for tests and for trying things out.
          Prints one line of JSON, {"apiUrl","authUrl","environment":{...}}, and runs until SIGTERM or SIGINT.

  --seed FILE  what it holds: {"apps": {"my-app": {"API_KEY": "a value",
               "DB": {"type": "dynamic", "values": {"password": "..."}, "ttl": "3600s"}}}},
               and, where wanted, "clientId", "clientSecret", "organizationId", "projectId"
  --port N     the port; a free one without it
  --tls        https with a self-signed certificate (needs the package "selfsigned")

  --help       this text

Exit code: 0 when it is done (the emulator: after a signal), 2 for wrong arguments, a seed that cannot be used,
or an app that cannot be changed.
`;

/** Runs the command line, and gives its exit code; the emulator's once `ended` (by default a signal) has come. */
export async function run(
  argv: readonly string[],
  output: CliOutput,
  ended: () => Promise<unknown> = termination,
): Promise<number> {
  try {
    const { command, values } = parse(argv);
    if (command === 'help') output.out(USAGE);
    else if (command === 'init') await runInit(values, { folder: process.cwd(), ask: questions() }, output);
    else await (await import('./emulator.command.js')).runEmulator(values, output, ended);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError) && !(error instanceof InitError) && !isSecretError(error)) throw error;
    output.err(`nestjs-hcp-vault: ${printable(error.message)}\n`);
    return 2;
  }
}

const OPTIONS = {
  emulator: { seed: { type: 'string' }, port: { type: 'string' }, tls: { type: 'boolean' } },
  init: { source: { type: 'string' }, project: { type: 'string' } },
} as const;
const HELP = { help: { type: 'boolean', short: 'h' } } as const;

function parse(argv: readonly string[]) {
  const { values, positionals } = parsed(argv);
  if (values.help) return { command: 'help', values } as const;
  const [command, ...others] = positionals;
  if (others.length > 0 || (command !== 'emulator' && command !== 'init')) {
    throw new UsageError('the commands are "init" and "emulator"; see --help.');
  }
  const foreign = Object.keys(values).find((name) => !(name in OPTIONS[command]));
  if (foreign !== undefined) throw new UsageError(`"${command}" has no option --${foreign}; see --help.`);
  return { command, values };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { ...OPTIONS.emulator, ...OPTIONS.init, ...HELP },
    });
  } catch (error) {
    // Unknown options and missing or superfluous values; Node's text names the option.
    throw new UsageError(`${(error as Error).message.split(/\.\s/)[0]}; see --help.`);
  }
}

/** Undefined where nobody is there to answer. */
function questions(): ((question: string) => Promise<string>) | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return questionsOn({ input: process.stdin, output: process.stdout });
}
