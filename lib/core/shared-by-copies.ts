import { PACKAGE_VERSION } from './package-version.js';

type Global = Record<symbol, unknown>;

/** What all copies of this package of one version have in common in a process. */
export function sharedByCopies<T>(name: string, make: () => T): T {
  const key = Symbol.for(`nestjs-hcp-vault.${name}@${PACKAGE_VERSION}`);
  return ((globalThis as unknown as Global)[key] ??= make()) as T;
}
