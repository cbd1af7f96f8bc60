import { HcpVaultSecretsEmulator } from '../../testing/emulator/index.js';
import { childProcess } from '../child/child-process.js';
import type { CliCommand } from '../command.js';
import { readSeed } from '../seed-file.js';
import { ExitCode } from '../exit-code.js';
import { firstSignal } from '../signals.js';
import { jsonText } from '../json-text.js';
import { UsageError } from '../usage-error.js';

interface EmulatorOptions {
  readonly seed?: string | undefined;
  readonly port?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly format?: string | undefined;
}

const SEED = `
The seed: {"apps": {"my-app": {"API_KEY": "a value",
          "DB": {"type": "dynamic", "values": {"password": "..."}, "ttl": "3600s"}}}},
          and, where wanted, "clientId", "clientSecret", "organizationId", "projectId"
`;

export const emulatorCommand: CliCommand<EmulatorOptions> = {
  declare(command) {
    command
      .description(
        'Serves HCP Vault Secrets (API 2023-11-28) on a loopback port, for tests and for trying things out. Prints one line of JSON, {"apiUrl","authUrl","environment":{...}}, and runs until SIGTERM or SIGINT, or npx has gone. With a command it runs that one, with the variables in its environment, and ends with it, and as it does.',
      )
      .option('--seed <file>', 'what it holds: the path of a JSON file')
      .option('--port <number>', 'the port; a free one without it')
      .option('--tls', 'https with a self-signed certificate (needs the package "selfsigned")')
      .option(
        '--format <format>',
        'json, or env for lines of NAME=value that a shell or a .env file takes (default: json)',
      )
      .argument('[command...]', 'and its arguments, behind --')
      .passThroughOptions()
      .addHelpText('after', SEED);
  },
  /** Serves until a signal comes. */
  async run({ operands, options: { seed, port, tls = false, format = 'json' }, output, around }) {
    if (seed === undefined) throw new UsageError('--seed is missing: the path of a JSON file; see --help.');
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
      throw new UsageError('--port has to be a number from 0 to 65535.');
    }
    if (format !== 'json' && format !== 'env') throw new UsageError('--format is json or env.');
    const { signal, stop } = firstSignal(around);
    const options = { port: port === undefined ? undefined : Number(port), tls };
    const emulator = await HcpVaultSecretsEmulator.start(await readSeed(seed), options);
    try {
      const { apiUrl, authUrl, environment } = emulator;
      if (operands.length > 0) {
        stop();
        output.err(`the emulator serves at ${apiUrl}\n`);
        return await childProcess(operands, { ...around.environment, ...environment }, around, output);
      }
      const json = jsonText({ apiUrl, authUrl, environment });
      output.out(format === 'env' ? environmentLines(environment) : json);
      await signal;
    } finally {
      stop();
      await emulator.stop();
    }
    return ExitCode.done;
  },
};

/** For a shell's `set -a; . file` and for `.env` files: in single quotes where there is anything beside plain characters. */
const environmentLines = (environment: Readonly<Record<string, string>>): string =>
  Object.entries(environment)
    .map(([name, value]) => `${name}=${/^[\w.:/@%+,-]*$/.test(value) ? value : quoted(value)}\n`)
    .join('');

const quoted = (value: string): string => `'${value.replaceAll("'", `'\\''`)}'`;
