import { UsageError } from '../usage-error.js';
import type { SecretPlace, SecretSource } from '../../core/source/secret-source.js';
import { placesOf } from '../../core/source/places.js';

/** A secret that an app needs, and where its source looks for it. */
export interface NeededSecret {
  readonly name: string;
  readonly places: readonly SecretPlace[];
  /** It has a lease, which is to be extended; undefined where no status tells. */
  readonly isLeased: boolean | undefined;
}

/** Objects in objects: as deep as a status is ever wrapped. */
const DEEPEST = 6;

/**
 * The secrets of a status, as `client.status()` gives it or the status page does: whatever wraps them, an entry has a name and a connection.
 * @throws UsageError where there is none.
 */
export function neededByStatus(json: unknown): readonly NeededSecret[] {
  const found = new Map<string, NeededSecret>();
  collect(json, found, sourcesIn(json), 0);
  if (found.size > 0) return [...found.values()];
  throw new UsageError(
    'the status names no secret: it is what client.status() gives, or the JSON of the status page, once the app runs.',
  );
}

/** The same of names that are given, by the source that looks for them; asks nobody. */
export const neededByName = (names: readonly string[], source: SecretSource): readonly NeededSecret[] =>
  names.map((name) => ({ name, places: placesOf(source, name), isLeased: undefined }));

type Fields = Readonly<Record<string, unknown>>;

function collect(
  json: unknown,
  found: Map<string, NeededSecret>,
  sources: ReadonlyMap<unknown, string>,
  depth: number,
): void {
  if (typeof json !== 'object' || json === null || depth > DEEPEST) return;
  const entry = entryOf(json as Fields, sources);
  if (entry) return void found.set(JSON.stringify([entry.name, entry.places]), entry);
  for (const inner of Object.values(json)) collect(inner, found, sources, depth + 1);
}

/** The status page names a source once, with its connection. */
function sourcesIn(json: unknown): ReadonlyMap<unknown, string> {
  const { connections } = (json ?? {}) as Fields;
  const listed = (Array.isArray(connections) ? connections : []) as readonly (Fields | null)[];
  return new Map(
    listed.flatMap((one) => (typeof one?.['source'] === 'string' ? [[one['connection'], one['source']] as const] : [])),
  );
}

function entryOf(json: Fields, sources: ReadonlyMap<unknown, string>): NeededSecret | undefined {
  const { name, connection, places, lease, stale, standing } = json;
  const source = json['source'] ?? sources.get(connection);
  if (typeof name !== 'string' || typeof connection !== 'string' || typeof source !== 'string') return undefined;
  if (typeof stale !== 'boolean' && typeof standing !== 'string') return undefined;
  const told = Array.isArray(places) ? placesOf({ kind: source, describe: () => places as SecretPlace[] }, name) : [];
  const isLeased = typeof lease === 'object' && lease !== null;
  return { name, places: told.length > 0 ? told : [{ source, name }], isLeased };
}
