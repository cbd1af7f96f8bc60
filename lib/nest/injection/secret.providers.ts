import type { FactoryProvider } from '@nestjs/common';
import { Scope } from '@nestjs/common';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { isSecretError } from '../../core/errors/index.js';
import { readCell, readCellOr } from '../../core/store/cell.js';
import type { SecretRef } from '../../core/store/secret-ref.js';
import type { SecretState } from '../../core/tracking/secret-state.js';
import { InjectedValues } from './injected-values.js';
import { LiveHandle } from './live-property.js';
import { registry } from './registry.js';
import { SecretArgument } from './secret-argument.js';
import type { SecretRequest } from './secret-request.js';
import { argumentToken, handlerToken, internalToken, liveToken } from './tokens.js';

/**
 * The providers of one request. Transient: with the default scope Nest would resolve every recorded secret at boot,
 * and an app would fail on secrets that only another app of the process uses.
 */
export function secretProviders(request: SecretRequest): FactoryProvider[] {
  const providers = request.kind === 'ref' ? [refProvider(request)] : valueProviders(request);
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
    provider(request, liveToken(request), (runtime) => liveHandle(runtime, request)),
    {
      provide: argumentToken(request),
      scope: Scope.TRANSIENT,
      inject: [internalToken('Runtime', request.connection), internalToken('Linker', request.connection)],
      useFactory: async (runtime: SecretRuntime, linker: Overrides) =>
        new SecretArgument((await readAhead(runtime, request)).live, request, linker.overrideOf(request.token)),
    },
    {
      provide: handlerToken(request),
      scope: Scope.TRANSIENT,
      inject: [internalToken('Runtime', request.connection), internalToken('Handlers', request.connection)],
      useFactory: async (runtime: SecretRuntime, handlers: unknown) => {
        await readAhead(runtime, request);
        return handlers;
      },
    },
    // The default is applied on top of the optional token, so that overriding that one in a test covers these too.
    ...registry.defaultsOf(request).map(({ token, value }) => ({
      provide: token,
      scope: Scope.TRANSIENT,
      inject: [request.token],
      useFactory: (found: unknown) => (found === undefined ? value : found),
    })),
  ];
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

/** What a test has put in the place of a provider. */
interface Overrides {
  overrideOf(token: string): { readonly value: unknown } | undefined;
}

/** Reads a secret that was not read at start, as in a lazily loaded module, without requiring it. */
async function readAhead(runtime: SecretRuntime, { name, version }: SecretRequest): Promise<SecretState> {
  const secret = runtime.pin(name, version);
  if (secret.phase.kind === 'unloaded' && !secret.failure) await runtime.updater.bringOne(secret);
  return secret;
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

function liveHandle(runtime: SecretRuntime, { name, version, field }: SecretRequest): LiveHandle {
  const { live } = runtime.pin(name, version);
  return new LiveHandle(live, field);
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
