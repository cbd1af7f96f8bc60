import { didYouMean, nearNames } from '../../core/options/near-names.js';
import type { SecretSource } from '../../core/source/secret-source.js';
import { unlessInterrupted } from '../signals.js';
import type { Surroundings } from '../surroundings.js';
import { UsageError } from '../usage-error.js';
import { SCHEMES } from './schemes.js';
import type { SourceUse } from './source-scheme.js';
import { SourceSpec } from './source-spec.js';

/** Names the source where the command line doesn't. */
export const SOURCE_VARIABLE = 'HCP_VAULT_SOURCE';

type Around = Pick<Surroundings, 'environment'>;

/**
 * The source of a spec; whoever opens it closes it.
 * @throws UsageError or SecretConfigurationError, without the spec's text, for what can't be meant.
 */
export async function openedSource(
  text: string,
  { environment }: Around,
  use: SourceUse = 'ask',
): Promise<SecretSource> {
  const spec = SourceSpec.of(text);
  const scheme = SCHEMES.find(({ name }) => name === spec.scheme);
  if (scheme) return (await scheme.load())(spec, environment, use);
  const names = SCHEMES.map(({ name }) => name);
  const meant = didYouMean(nearNames(spec.scheme, names));
  throw new UsageError(`there is no such source.${meant} They are ${names.map((name) => `${name}:`).join(', ')}.`);
}

/** The spec that a command was given by `--source`, else by the environment. */
export function sourceText(given: string | undefined, { environment }: Around): string {
  const text = given ?? (environment[SOURCE_VARIABLE] || undefined);
  if (text !== undefined) return text;
  throw new UsageError(
    `--source is missing: SCHEME:PLACE, as in vault:secret/prod, or ${SOURCE_VARIABLE} in the environment; see --help.`,
  );
}

/** Opens the source, and closes it when the work is done: failed, interrupted, or not. What it logged in for is ended with it. */
export async function withSource<R>(
  text: string,
  around: Pick<Surroundings, 'environment' | 'onSignal'>,
  work: (source: SecretSource) => Promise<R>,
  use: SourceUse = 'ask',
): Promise<R> {
  const source = await openedSource(text, around, use);
  try {
    return await unlessInterrupted(around, () => work(source));
  } finally {
    await source.close?.();
  }
}
