import { Inject } from '@nestjs/common';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { SecretArgument } from './secret-argument.js';
import type { MethodSecret } from './method-secrets.js';
import { markFilled, methodSecrets } from './method-secrets.js';
import { argumentToken } from './tokens.js';

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
    const fillers = secrets.map((secret) => ({ ...secret, of: slotFor(target, secret) }));
    const fill = (instance: object, given: unknown[]): unknown[] => {
      const parameters = [...given];
      for (const { index, fallback, of } of fillers) {
        if (parameters[index] !== undefined) continue;
        const argument = of.get(instance);
        if (!argument) {
          throw new SecretConfigurationError(
            `${place} was called on an instance that Nest did not make, so there is no app to take secrets from. Inject ${nameOf(target)}, or hand the values in.`,
          );
        }
        parameters[index] = argument.read(fallback);
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

/** Injects the way to read a secret next to an instance, not into it: the instance shows nothing of it. */
function slotFor(target: object, { request }: MethodSecret): WeakMap<object, SecretArgument> {
  const instances = new WeakMap<object, SecretArgument>();
  const slot = Symbol(`argument ${request.name}`);
  Inject(argumentToken(request))(target, slot);
  Object.defineProperty(target, slot, {
    configurable: true,
    set(this: object, argument: SecretArgument) {
      instances.set(this, argument);
    },
  });
  return instances;
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
