import { sharedByCopies } from '../../core/shared-by-copies.js';

/** Factories of `rotatingProvider`: what they are given is for a resource, which says by itself how it stands. */
const factories = sharedByCopies('resource-factories', () => new WeakSet<object>());

export function markResourceFactory<F extends object>(factory: F): F {
  factories.add(factory);
  return factory;
}

export const isResourceFactory = (factory: unknown): boolean => typeof factory === 'function' && factories.has(factory);
