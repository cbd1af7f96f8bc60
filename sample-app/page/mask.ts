const DOTS = '••••••••';
/** Below this length four characters would be too much of it. */
const SHOWN_FROM = 16;

/** A value as it may be shown: of a long text its last four characters, of a short one nothing, of an object each of its leaves. */
export function mask(value: unknown): unknown {
  if (value === undefined || value === null) return null;
  if (typeof value === 'string') return value.length < SHOWN_FROM ? DOTS : DOTS + value.slice(-4);
  if (typeof value !== 'object' || value instanceof Uint8Array) return DOTS;
  if (Array.isArray(value)) return value.map(mask);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mask(item)]));
}
