import type { FactoryProvider } from '@nestjs/common';
import { Scope } from '@nestjs/common';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { isSecretError } from '../../core/errors/index.js';
import { readCell, readCellOr } from '../../core/store/cell.js';
import type { SecretRef } from '../../core/store/secret-ref.js';
import type { SecretState } from '../../core/tracking/secret-state.js';
import { InjectedValues } from './injected-values.js';
import type { SecretDefault } from './registry.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';
import { internalToken } from './tokens.js';

/**
 * The providers of one request, or that of one of its defaults alone. Transient: with the default scope Nest would resolve every recorded secret at
 * boot, and an app would fail on secrets that only another app of the process uses.
 */
export function secretProviders(request: SecretRequest, fallback?: SecretDefault): FactoryProvider[] {
  const providers = fallback
    ? [defaultProvider(fallback)]
    : request.kind === 'ref'
      ? [refProvider(request)]
      : valueProviders(request);
  for (const { useFactory } of providers) ownFactories.add(useFactory);
  return providers;
}

const ownFactories = new WeakSet<object>();

/** True for a factory that this package made: a provider with another one was put there by a test. */
export function isOwnFactory(factory: unknown): boolean {
  return typeof factory === 'function' && ownFactories.has(factory);
}

function refProvider(request: SecretRequest): FactoryProvider {
  return provider(request, request.token, (runtime) => injectRef(runtime, request));
}

function valueProviders(request: SecretRequest): FactoryProvider[] {
  return [
    provider(request, request.token, (runtime) => injectValue(runtime, request)),
    ...registry.defaultsOf(request).map(defaultProvider),
  ];
}

/** On top of the optional token, so that overriding that one in a test covers these too. */
function defaultProvider({ token, request, value }: SecretDefault): FactoryProvider {
  const useFactory = (found: unknown): unknown => (found === undefined ? value : found);
  return { provide: token, scope: Scope.TRANSIENT, inject: [request.token], useFactory };
}

function provider(
  { connection }: SecretRequest,
  provide: string,
  useFactory: (runtime: SecretRuntime) => unknown,
): FactoryProvider {
  return { provide, scope: Scope.TRANSIENT, inject: [internalToken('Runtime', connection)], useFactory };
}

/** The value as it is now. Async only for a secret that was not read at start, as in a lazily loaded module. */
function injectValue(runtime: SecretRuntime, request: SecretRequest): unknown {
  const secret = runtime.pin(request.name, request.version);
  InjectedValues.of(runtime).follow(request, secret);
  if (secret.live.state === 'loaded' || (secret.live.state === 'missing' && request.optional))
    return read(secret, request);
  return load(runtime, secret).then(() => read(secret, request));
}

function injectRef(runtime: SecretRuntime, request: SecretRequest): SecretRef | Promise<SecretRef> {
  const { name, version, field, optional, overlap } = request;
  const ref = runtime.ref(name, { version, field, optional, overlap });
  const secret = runtime.pin(name, version);
  if (secret.live.state === 'loaded' || secret.live.state === 'ended') return ref;
  return load(runtime, secret).then(() => {
    if (!optional) read(secret, request);
    return ref;
  });
}

/** Reads it where it was not read; that there is none is for the reader to say. */
async function load(runtime: SecretRuntime, secret: SecretState): Promise<void> {
  if (secret.phase.kind === 'absent') return;
  try {
    await runtime.provide(secret);
  } catch (error) {
    if (!isSecretError(error) || error.code !== 'SECRET_NOT_FOUND') throw error;
  }
}

function read(secret: SecretState, { field, optional }: SecretRequest): unknown {
  const { live, failure } = secret;
  const cell = field === undefined ? live.cell : live.field(field);
  if (optional) return readCellOr(cell, undefined);
  try {
    const value = readCell(cell);
    if (field !== undefined) secret.requireField(field);
    return value;
  } catch (error) {
    throw isSecretError(error) && error.code === 'SECRET_NOT_LOADED' && failure ? failure.error : error;
  }
}
