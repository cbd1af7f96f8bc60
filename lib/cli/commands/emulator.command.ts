import { HcpVaultSecretsEmulator } from '../../testing/emulator/index.js';
import type { CliCommand } from '../command.js';
import { readSeed } from '../seed-file.js';
import { UsageError } from '../usage-error.js';

interface EmulatorOptions {
  readonly seed?: string | undefined;
  readonly port?: string | undefined;
  readonly tls?: boolean | undefined;
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
        'Serves HCP Vault Secrets (API 2023-11-28) on a loopback port, for tests and for trying things out. Prints one line of JSON, {"apiUrl","authUrl","environment":{...}}, and runs until SIGTERM or SIGINT.',
      )
      .option('--seed <file>', 'what it holds: the path of a JSON file')
      .option('--port <number>', 'the port; a free one without it')
      .option('--tls', 'https with a self-signed certificate (needs the package "selfsigned")')
      .addHelpText('after', SEED);
  },
  /** Serves until `ended`, which is asked for once the options are right. */
  async run({ options: { seed, port, tls = false }, output, around }) {
    if (seed === undefined) throw new UsageError('--seed is missing: the path of a JSON file; see --help.');
    if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
      throw new UsageError('--port has to be a number from 0 to 65535.');
    }
    const end = around.ended();
    const options = { port: port === undefined ? undefined : Number(port), tls };
    const emulator = await HcpVaultSecretsEmulator.start(await readSeed(seed), options);
    try {
      const { apiUrl, authUrl, environment } = emulator;
      output.out(`${JSON.stringify({ apiUrl, authUrl, environment })}\n`);
      await end;
    } finally {
      await emulator.stop();
    }
  },
};
