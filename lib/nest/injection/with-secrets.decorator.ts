import { SecretConfigurationError } from '../../core/errors/index.js';
import { decoratedPlace, nameOf } from './decorated-place.js';
import { plainOf } from './class-plan.js';
import { InstanceSecrets } from './instance-secrets.js';
import type { MethodSecret } from './method-secrets.js';
import { markFilled, methodSecrets } from './method-secrets.js';

type Method = (this: object, ...parameters: unknown[]) => unknown;

/**
 * Fills the parameters that carry `@InjectSecret` or `@InjectSecretField` with the current values, at each call, whatever the caller has put there; with
 * `{ given: true }` what the caller gives counts. `this`, the other arguments, return values and metadata of other decorators stay as they are.
 * At the call: SecretFieldError, SecretNotFoundError, SecretNotLoadedError; SecretConfigurationError on an instance that Nest did not make.
 */
export function WithSecrets(): MethodDecorator {
  return (target, key, given) => {
    const place = decoratedPlace('@WithSecrets()', ['method'], target, key, given);
    const { descriptor, member } = place;
    const original = descriptor.value as Method;
    const where = nameOf(place);
    const secrets = methodSecrets(target, member);
    if (secrets.length === 0) {
      throw new SecretConfigurationError(
        `@WithSecrets() stands on the method ${where}, whose parameters name no secret: put @InjectSecret("NAME") or @InjectSecretField on one.`,
      );
    }
    const isAsync = rejects(original, target, member);
    const filled: Method = function (...parameters) {
      try {
        fill(this, parameters, secrets, member, where);
      } catch (error) {
        // Who calls an async method looks for a rejection.
        if (isAsync) return Promise.reject(error);
        throw error;
      }
      return original.apply(this, parameters);
    };
    disguise(filled, original);
    descriptor.value = filled;
    markFilled(target, member);
    return descriptor;
  };
}

function fill(
  instance: object,
  parameters: unknown[],
  secrets: readonly MethodSecret[],
  member: string | symbol,
  where: string,
): void {
  const brought = InstanceSecrets.of(instance);
  for (const secret of secrets) {
    const { index, given } = secret;
    if (!given || parameters[index] === undefined) parameters[index] = read(instance, brought, secret, member, where);
  }
}

/** Whether a method answers with a promise: compilers to old targets make a plain function of an async one, and TypeScript notes its type. */
function rejects(method: Method, target: object, member: string | symbol): boolean {
  return (
    Object.prototype.toString.call(method) === '[object AsyncFunction]' ||
    Reflect.getMetadata('design:returntype', target, member) === Promise
  );
}

function read(
  instance: object,
  brought: InstanceSecrets | undefined,
  { request, fallback }: MethodSecret,
  member: string | symbol,
  place: string,
): unknown {
  const value = brought?.valueOf(request.token) ?? brought?.valueOf(plainOf(request).token);
  if (value !== undefined) return value;
  const hub = brought?.hub(request.connection);
  if (hub) return hub.parameter(instance, member, request, fallback);
  const { connection, name, field } = request;
  const options = field === undefined ? '' : `, { field: ${JSON.stringify(field)} }`;
  throw new SecretConfigurationError(
    `${place} was called on an instance that Nest did not make, or in an app that does not configure this connection, so there is nothing to take its secret from. Inject the class, and import HcpVaultModule.forRoot(…); in a unit test provide getSecretToken(${JSON.stringify(name)}${options}).`,
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
