import { HcpVaultSecretsEmulator } from '../testing/emulator/index.js';
import type { CliOutput } from './cli-output.js';
import { readSeed } from './seed-file.js';
import { UsageError } from './usage-error.js';

/** Options as they stand on the command line. */
export interface EmulatorOptions {
  readonly seed?: string | undefined;
  readonly port?: string | undefined;
  readonly tls?: boolean | undefined;
}

/** Serves until `ended`, which is asked for once the options are right. */
export async function runEmulator(
  { seed, port, tls = false }: EmulatorOptions,
  output: CliOutput,
  ended: () => Promise<unknown>,
): Promise<void> {
  if (seed === undefined) throw new UsageError('--seed is missing: the path of a JSON file; see --help.');
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new UsageError('--port has to be a number from 0 to 65535.');
  }
  const end = ended();
  const options = { port: port === undefined ? undefined : Number(port), tls };
  const emulator = await HcpVaultSecretsEmulator.start(await readSeed(seed), options);
  try {
    const { apiUrl, authUrl, environment } = emulator;
    output.out(`${JSON.stringify({ apiUrl, authUrl, environment })}\n`);
    await end;
  } finally {
    await emulator.stop();
  }
}
