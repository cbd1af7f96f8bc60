import { printable, printableStart } from '../errors/printable.js';
import type { SecretPlace, SecretSource } from './secret-source.js';

/** No source has more places for a name; and what texts of starts say of one, in characters. */
const MOST_PLACES = 10;
const LONGEST = { source: 100, name: 1_000, at: 500, asked: 1_100 };

/** Where a source looks for a name; one that can't say (or fails to) is asked for the name itself. Never empty, and never throws. */
export function placesOf(source: Pick<SecretSource, 'kind' | 'describe'>, name: string): readonly SecretPlace[] {
  const itself = [{ source: source.kind, name }];
  try {
    const told: unknown = source.describe?.(name);
    const places = Array.isArray(told)
      ? Array.from({ length: Math.min(told.length, MOST_PLACES) }, (_, index) => placeOf(told[index], name))
      : [];
    const usable = places.filter((place) => place !== undefined);
    return usable.length > 0 ? usable : itself;
  } catch {
    return itself;
  }
}

/** A copy: sources are written by others too, and a getter may say something else the next time, or throw. */
function placeOf(candidate: unknown, asked: string): SecretPlace | undefined {
  const { source, name, at, asked: requests } = (candidate ?? {}) as Partial<Record<keyof SecretPlace, unknown>>;
  if (typeof source !== 'string' || typeof name !== 'string') return undefined;
  if (at !== undefined && typeof at !== 'string') return undefined;
  return {
    source: printableStart(source, LONGEST.source),
    name: name === asked ? name : printableStart(name, LONGEST.name),
    ...(at !== undefined && { at: printableStart(at, LONGEST.at) }),
    ...(Array.isArray(requests) && { asked: requestsOf(requests) }),
  };
}

const requestsOf = (requests: readonly unknown[]): readonly string[] =>
  requests
    .slice(0, MOST_PLACES)
    .flatMap((request) => (typeof request === 'string' ? printableStart(request, LONGEST.asked) : []));

/** Sources with their addresses, e.g. `env, then vault (https://127.0.0.1:8200)`. */
export const sourcesText = (places: readonly SecretPlace[]): string =>
  [...new Set(places.map(({ source, at }) => printable(at === undefined ? source : `${source} (${at})`)))].join(
    ', then ',
  );

/** Where a source looks, whatever the name; empty where it can't say. */
export const addressesOf = (source: Pick<SecretSource, 'kind' | 'describe'>): string =>
  [...new Set(placesOf(source, '').flatMap(({ at }) => (at === undefined ? [] : [printable(at)])))].join(', then ');
