import type { Command } from 'commander';
import { HcpVaultClient } from '../../core/client/hcp-vault-client.js';
import type { ClientOptions } from '../../core/client/client-options.js';
import { SecretRuntime } from '../../core/client/secret-runtime.js';
import { toMilliseconds } from '../../core/duration.js';
import type { SecretLogger } from '../../core/refresh/connection-log.js';
import { isSecretError, SecretNotFoundError } from '../../core/errors/index.js';
import { didYouMean, nearNames } from '../../core/options/near-names.js';
import { unlessInterrupted } from '../signals.js';
import type { Surroundings } from '../surroundings.js';
import { UsageError } from '../usage-error.js';
import { openedSource, sourceText } from './opened-source.js';
import { withSourceOption } from './source-help.js';

/** Options of each command that asks a source. */
export interface SourceOptions {
  readonly source?: string | undefined;
  readonly timeout?: string | undefined;
}

/** One connection to a source, as an app has it. */
export interface Connected {
  readonly client: HcpVaultClient<string>;
  readonly runtime: SecretRuntime;
}

export interface ConnectedOptions extends ClientOptions {
  readonly logger?: SecretLogger;
  /** The work heeds signals itself, and is awaited whatever comes. @default false */
  readonly isEnduring?: boolean;
}

/** Declares `--source` and `--timeout`. */
export const withSourceOptions = (command: Command): Command =>
  withSourceOption(command).option('--timeout <duration>', 'for one request to the source (default: 10s)');

/**
 * Opens the source that the options name, with an app's client before it, and closes both when the work is done: leases and tokens that were opened
 * end with it, after a signal too. The job isn't started.
 */
export async function connected<R>(
  { source: given, timeout }: SourceOptions,
  around: Surroundings,
  work: (connection: Connected) => Promise<R>,
  { isEnduring = false, ...options }: ConnectedOptions = {},
): Promise<R> {
  const text = sourceText(given, around);
  const limit = durationOf('--timeout', timeout);
  const source = await openedSource(text, around);
  // Of no name: there is one only, and errors need not say which.
  const runtime = new SecretRuntime({
    ...options,
    source,
    connection: '',
    ...(limit !== undefined && { timeout: limit }),
  });
  try {
    const client = new HcpVaultClient<string>(runtime);
    const begin = (): Promise<R> =>
      work({ runtime, client }).catch(async (error: unknown) => {
        throw await withNearNames(error, client);
      });
    return await (isEnduring ? begin() : unlessInterrupted(around, begin));
  } finally {
    await runtime.shutdown();
  }
}

/** A name that is not there, with those that are and look like it, where the source lists them. */
async function withNearNames(error: unknown, client: HcpVaultClient<string>): Promise<unknown> {
  if (!isSecretError(error) || error.code !== 'SECRET_NOT_FOUND' || error.secretName === undefined) return error;
  const { secretName, sourceKind, cause, reason, advice } = error;
  const names: readonly string[] = await client.list().catch(() => []);
  const meant = didYouMean(nearNames(secretName, names)).trim();
  return meant === '' || names.includes(secretName)
    ? error // it is there, and another version or field is not
    : new SecretNotFoundError(reason, { secretName, sourceKind, cause, advice: `${meant} ${advice}` });
}

/** Milliseconds. @throws UsageError for what is not a duration. */
export function durationOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  try {
    return toMilliseconds(text, option);
  } catch (error) {
    if (isSecretError(error)) throw new UsageError(`${option} is a duration, such as 10s or 5m.`);
    throw error;
  }
}
