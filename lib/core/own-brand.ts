/**
 * True for an object that bears this mark as its own. What merely answers "yes" is not taken for ours: a Proxy that has every property (auto-mocks), an
 * object that has one of ours for a prototype; and one that throws when it is asked (a revoked Proxy) is none.
 */
export function bearsOwn(candidate: unknown, brand: symbol): candidate is object {
  try {
    return (
      typeof candidate === 'object' &&
      candidate !== null &&
      Object.getOwnPropertyDescriptor(candidate, brand)?.value === true
    );
  } catch {
    return false;
  }
}
