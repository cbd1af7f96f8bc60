/** The version before this one, where a source numbers them from 1; undefined for the first, and for what is not a number. */
export function numberBefore(version: string): string | undefined {
  return /^[1-9]\d*$/.test(version) && version !== '1' ? String(BigInt(version) - 1n) : undefined;
}
