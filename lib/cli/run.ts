import { parseArgs } from 'node:util';
import { isSecretError, printable } from '../core/errors/index.js';
import { HcpVaultSecretsEmulator } from '../testing/emulator/index.js';
import { readSeed } from './seed-file.js';
import { termination } from './termination.js';
import { UsageError } from './usage-error.js';

/** Where the command writes. */
export interface CliOutput {
  out(text: string): unknown;
  err(text: string): unknown;
}

export const USAGE = `Usage: nestjs-hcp-vault emulator --seed seed.json [--port N] [--tls]

Serves HCP Vault Secrets (API 2023-11-28) on a loopback port, for tests and for trying things out.
Prints one line of JSON, {"apiUrl","authUrl","environment":{...}}, and runs until SIGTERM or SIGINT.

  --seed FILE  what it holds: {"apps": {"my-app": {"API_KEY": "a value",
               "DB": {"type": "dynamic", "values": {"password": "..."}, "ttl": "3600s"}}}},
               and, where wanted, "clientId", "clientSecret", "organizationId", "projectId"
  --port N     the port; a free one without it
  --tls        https with a self-signed certificate (needs the package "selfsigned")
  --help       this text

Exit code: 0 after a signal, 2 for wrong arguments or a seed that cannot be used.
`;

/** Runs the command line, and gives its exit code once `ended` (by default a signal) has come. */
export async function run(
  argv: readonly string[],
  output: CliOutput,
  ended: () => Promise<unknown> = termination,
): Promise<number> {
  try {
    const command = parse(argv);
    if (command === 'help') {
      output.out(USAGE);
      return 0;
    }
    await serve(command, output, ended());
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError) && !isSecretError(error)) throw error;
    output.err(`nestjs-hcp-vault: ${printable(error.message)}\n`);
    return 2;
  }
}

interface EmulatorCommand {
  readonly seed: string;
  readonly port: number | undefined;
  readonly tls: boolean;
}

async function serve({ seed, port, tls }: EmulatorCommand, output: CliOutput, ended: Promise<unknown>): Promise<void> {
  const emulator = await HcpVaultSecretsEmulator.start(await readSeed(seed), { port, tls });
  try {
    const { apiUrl, authUrl, environment } = emulator;
    output.out(`${JSON.stringify({ apiUrl, authUrl, environment })}\n`);
    await ended;
  } finally {
    await emulator.stop();
  }
}

function parse(argv: readonly string[]): EmulatorCommand | 'help' {
  const { values, positionals } = parsed(argv);
  if (values.help) return 'help';
  if (positionals.length !== 1 || positionals[0] !== 'emulator') {
    throw new UsageError('the one command is "emulator"; see --help.');
  }
  if (values.seed === undefined) throw new UsageError('--seed is missing: the path of a JSON file; see --help.');
  const { port } = values;
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new UsageError('--port has to be a number from 0 to 65535.');
  }
  return { seed: values.seed, port: port === undefined ? undefined : Number(port), tls: values.tls ?? false };
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: {
        seed: { type: 'string' },
        port: { type: 'string' },
        tls: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    // Unknown options and missing or superfluous values; Node's text names the option.
    throw new UsageError(`${(error as Error).message.split(/\.\s/)[0]}; see --help.`);
  }
}
