import { SecretConfigurationError } from '../../core/errors/index.js';
import { plainOf } from './hidden-injection.js';
import { InstanceSecrets } from './instance-secrets.js';
import type { MethodSecret } from './method-secrets.js';
import { markFilled, methodSecrets } from './method-secrets.js';

type Method = (this: object, ...parameters: unknown[]) => unknown;

/**
 * Fills the parameters that carry `@InjectSecret` or `@InjectSecretField` with the current values, at each call in which the caller leaves them
 * undefined. `this`, the other arguments, return values and metadata of other decorators stay as they are.
 * At the call: SecretFieldError, SecretNotFoundError, SecretNotLoadedError; SecretConfigurationError on an instance that Nest did not make.
 */
export function WithSecrets(): MethodDecorator {
  return (target, key, descriptor: PropertyDescriptor) => {
    const original = descriptor.value as Method | undefined;
    const place = `${nameOf(target)}.${String(key)}`;
    if (typeof target === 'function' || typeof original !== 'function') {
      throw new SecretConfigurationError(
        `@WithSecrets() stands on ${place}: it fits methods of instances that Nest makes.`,
      );
    }
    const secrets = methodSecrets(target, key);
    if (secrets.length === 0) {
      throw new SecretConfigurationError(
        `@WithSecrets() stands on ${place}, whose parameters name no secret: put @InjectSecret("NAME") or @InjectSecretField on one.`,
      );
    }
    const fill = (instance: object, given: unknown[]): unknown[] => {
      const parameters = [...given];
      const brought = InstanceSecrets.of(instance);
      for (const secret of secrets) {
        if (parameters[secret.index] === undefined) parameters[secret.index] = read(brought, secret, place);
      }
      return parameters;
    };
    const isAsync = Object.prototype.toString.call(original) === '[object AsyncFunction]';
    const filled: Method = function (...parameters) {
      try {
        return original.apply(this, fill(this, parameters));
      } catch (error) {
        // An async method throws nothing by itself, so what comes here is ours; its callers look for a rejection.
        if (isAsync) return Promise.reject(error);
        throw error;
      }
    };
    disguise(filled, original);
    descriptor.value = filled;
    markFilled(target, key);
    return descriptor;
  };
}

function read(brought: InstanceSecrets | undefined, { request, fallback }: MethodSecret, place: string): unknown {
  const hub = brought?.hub(request.connection);
  if (hub) return hub.argument(request).read(fallback);
  const value = brought?.valueOf(request.token) ?? brought?.valueOf(plainOf(request).token);
  if (value !== undefined) return value;
  const { connection, name, field } = request;
  const options = field === undefined ? '' : `, { field: ${JSON.stringify(field)} }`;
  throw new SecretConfigurationError(
    `${place} was called on an instance that Nest did not make, or in an app that does not configure this connection, so there is nothing to take its secret from. Inject the class; in a unit test provide getSecretToken(${JSON.stringify(name)}${options}).`,
    { connection },
  );
}

/** Name, length and metadata (routes, guards, swagger…) that other decorators have put on the method, or look for there. */
function disguise(filled: Method, original: Method): void {
  for (const property of ['name', 'length'] as const) {
    Object.defineProperty(filled, property, { value: original[property], configurable: true });
  }
  for (const key of Reflect.getOwnMetadataKeys(original)) {
    Reflect.defineMetadata(key, Reflect.getOwnMetadata(key, original), filled);
  }
}

function nameOf(target: object): string {
  return typeof target === 'function' ? target.name : target.constructor.name;
}
