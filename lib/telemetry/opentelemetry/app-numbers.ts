import { sharedByCopies } from '../../core/shared-by-copies.js';

/** The numbers that are taken, by the connection's name; of all copies of this package. */
const taken = sharedByCopies('telemetry-numbers', () => new Map<string, Set<number>>());

/** Tells connections of one name in one process apart. The least free number is given, so that starting and closing again makes no new time series. */
export function takeNumber(connection: string): number {
  const numbers = taken.get(connection) ?? new Set<number>();
  taken.set(connection, numbers);
  let number = 1;
  while (numbers.has(number)) number += 1;
  numbers.add(number);
  return number;
}

export function giveBack(connection: string, number: number): void {
  const numbers = taken.get(connection);
  numbers?.delete(number);
  if (numbers?.size === 0) taken.delete(connection);
}
