import type { FactoryProvider } from '@nestjs/common';
import { Scope } from '@nestjs/common';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { sharedByCopies } from '../../core/shared-by-copies.js';
import { isSecretError, SecretConfigurationError } from '../../core/errors/index.js';
import type { SecretRef } from '../../core/store/secret-ref.js';
import type { SecretState } from '../../core/tracking/secret-state.js';
import { currentValue } from './current-value.js';
import type { SecretDefault } from './registry.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';
import { internalToken } from './tokens.js';

/** The tokens of one request, or only that of one of its defaults. */
export function tokensOf(request: SecretRequest, fallback?: SecretDefault): string[] {
  if (fallback) return [fallback.token];
  const defaults = registry.defaultsOf(request);
  return defaults.length === 0 ? [request.token] : [request.token, ...defaults.map(({ token }) => token)];
}

/** The provider of one of a request's tokens. Whether an app makes it at its start is for its linker to say. */
export function providerOf(request: SecretRequest, token: string): TokenProvider {
  const made = token === request.token ? valueProvider(request) : defaultProvider(registry.defaultOf(token)!);
  ownFactories.add(made.useFactory);
  return made;
}

export type TokenProvider = FactoryProvider & { readonly provide: string };

const ownFactories = sharedByCopies('own-factories', () => new WeakSet<object>());

/** True for a factory that this package made: a provider with another one was put there by a test. */
export function isOwnFactory(factory: unknown): boolean {
  return typeof factory === 'function' && ownFactories.has(factory);
}

/** On top of the optional token, so that overriding that one in a test covers these too. */
function defaultProvider({ token, request, value }: SecretDefault): TokenProvider {
  const useFactory = (found: unknown): unknown => (found === undefined ? value : found);
  return { provide: token, inject: [request.token], useFactory };
}

/**
 * What a token's factory is given: of all that a connection has, one injection, as there may be many tokens. It waits for the connection out of Nest's sight:
 * Nest would look through all that the connection waits for, for each token that does.
 */
interface Linker {
  fill(request: SecretRequest, factory: object, make: (runtime: SecretRuntime, follow: Follow) => unknown): unknown;
}

/** What Nest keeps of a value follows the secret from now on. */
type Follow = (secret: SecretState) => void;

function valueProvider(request: SecretRequest): TokenProvider {
  const make = request.kind === 'ref' ? injectRef : injectValue;
  const useFactory = (linker: Linker): unknown =>
    linker.fill(request, useFactory, (runtime, follow) => make(runtime, request, follow));
  return { provide: request.token, inject: [internalToken('Linker', request.connection)], useFactory };
}

/**
 * Of a secret whose connection no module definition of this process has: Nest finds it, so that who consumes it is told in words of ours: those of the linker,
 * where the app starts.
 */
export function strandedProvider({ connection, name }: SecretRequest, provide: string, host: string): FactoryProvider {
  const useFactory = (): never => {
    const reason = `no HcpVaultModule of this app has the connection "${connection}".`;
    throw new SecretConfigurationError(reason, { secretName: name });
  };
  ownFactories.add(useFactory);
  return { provide, scope: Scope.TRANSIENT, inject: [internalToken('Linker', host)], useFactory };
}

/** The value as it is now. Async only for a secret that was not read at start, as in a lazily loaded module. */
function injectValue(runtime: SecretRuntime, request: SecretRequest, follow: Follow): unknown {
  const secret = runtime.pin(request.name, request.version);
  follow(secret);
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

function read(secret: SecretState, request: SecretRequest): unknown {
  const { live, failure } = secret;
  const { field, optional } = request;
  try {
    const value = currentValue(live, request);
    if (field !== undefined && !optional) secret.requireField(field);
    return value;
  } catch (error) {
    if (optional) throw error;
    throw isSecretError(error) && error.code === 'SECRET_NOT_LOADED' && failure ? failure.error : error;
  }
}
