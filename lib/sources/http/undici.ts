import type * as Undici from 'undici';
import { loadedPackage } from '../../core/loaded-package.js';

let loading: Promise<typeof Undici> | undefined;

/**
 * What speaks HTTP, loaded for the first request and not before: it takes as long to load as all of this package and more, and many an app, or a process
 * of it, asks no backend over HTTP. By its file, as Bun has a module of its own for the bare name, which lacks what we use. Rejects with SecretConfigurationError where it can't be loaded; the next call tries again.
 */
export const loadUndici = (sourceKind: string): Promise<typeof Undici> =>
  loadedPackage('undici', sourceKind, () => {
    return (loading ??= import('undici/index.js').catch((error: unknown) => {
      loading = undefined;
      throw error;
    }));
  });
