import { printable } from '../errors/printable.js';
import type { SecretPlace, SecretSource } from './secret-source.js';

/** Where a source looks for a name; one that can't say (or fails to) is asked for the name itself. Never empty, and never throws. */
export function placesOf(source: Pick<SecretSource, 'kind' | 'describe'>, name: string): readonly SecretPlace[] {
  const itself = [{ source: source.kind, name }];
  try {
    const told: unknown = source.describe?.(name);
    const places = (Array.isArray(told) ? (told as unknown[]) : []).filter(isPlace);
    return places.length > 0 ? places : itself;
  } catch {
    return itself;
  }
}

/** Sources are written by others too. */
function isPlace(candidate: unknown): candidate is SecretPlace {
  const { source, name, at } = (candidate ?? {}) as Partial<Record<keyof SecretPlace, unknown>>;
  return typeof source === 'string' && typeof name === 'string' && (at === undefined || typeof at === 'string');
}

/** Sources with their addresses, e.g. `env, then vault (https://127.0.0.1:8200)`. */
export const sourcesText = (places: readonly SecretPlace[]): string =>
  [...new Set(places.map(({ source, at }) => (at === undefined ? source : `${source} (${printable(at)})`)))].join(
    ', then ',
  );

/** Where a source looks, whatever the name; empty where it can't say. */
export const addressesOf = (source: Pick<SecretSource, 'kind' | 'describe'>): string =>
  [...new Set(placesOf(source, '').flatMap(({ at }) => (at === undefined ? [] : [printable(at)])))].join(', then ');
