import type { ReadContext } from '../../../../lib/core/source/secret-source.js';
import type { SecretVersion } from '../../../../lib/core/secret/secret-version.js';
import { SecretError } from '../../../../lib/core/errors/index.js';
import type { VaultOptions } from '../../../../lib/sources/vault/index.js';
import { VaultSource } from '../../../../lib/sources/vault/index.js';
import type { VaultInternals } from '../../../../lib/sources/vault/source/vault.source.options.js';

const sources: VaultSource[] = [];

/** A source that `closeSources` ends. */
export function sourceOf(options: VaultOptions & VaultInternals): VaultSource {
  const source = new VaultSource(options);
  sources.push(source);
  return source;
}

export async function closeSources(): Promise<void> {
  await Promise.all(sources.splice(0).map((source) => source.close()));
}

export const context = (version?: string): ReadContext => ({
  signal: AbortSignal.timeout(15_000),
  ...(version !== undefined && { version }),
});

export type Outcome = SecretVersion | SecretError | undefined;

export async function outcomeOf(source: VaultSource, name: string, version?: string): Promise<Outcome> {
  return (await source.read([name], context(version))).get(name);
}

/** The version of a name; fails where there is none. */
export async function versionOf(source: VaultSource, name: string, version?: string): Promise<SecretVersion> {
  const found = await outcomeOf(source, name, version);
  if (!found) throw new Error('nothing found');
  if (found instanceof SecretError) throw found;
  return found;
}

/** The values of a reading, without what failed. */
export function valuesOf(results: ReadonlyMap<string, SecretVersion | SecretError>): Record<string, unknown> {
  const entries = [...results].flatMap(([name, found]) =>
    found instanceof SecretError ? [] : [[name, found.value] as const],
  );
  return Object.fromEntries(entries);
}

export const valueOf = async (source: VaultSource, name: string): Promise<unknown> =>
  (await versionOf(source, name)).value;
