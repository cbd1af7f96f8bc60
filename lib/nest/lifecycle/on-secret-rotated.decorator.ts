import { Inject } from '@nestjs/common';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import type { SecretName } from '../../core/secret/typed-names.js';
import { addClassSecret } from '../injection/class-secrets.js';
import { handlerToken, valueRequest } from '../injection/tokens.js';
import type { RotationHandlers } from './rotation-handlers.js';

export interface OnSecretRotatedOptions<C extends string = string> {
  /** @default 'default' */
  readonly connection?: C | undefined;
  /** A version or stage other than the current one. */
  readonly version?: string | undefined;
}

export const ON_ROTATED_OPTIONS: OptionKinds<OnSecretRotatedOptions> = { connection: 'text', version: 'text' };

/**
 * Calls the method after each rotation of a secret, with a SecretRotatedEvent, one at a time; of several events that come meanwhile it gets the
 * newest. An error is logged with class and method, and stops nothing else. Fits singletons alone: a request-scoped or transient class fails the bootstrap.
 */
export function OnSecretRotated<const C extends string = 'default'>(
  name: SecretName<C>,
  options?: OnSecretRotatedOptions<C>,
): MethodDecorator {
  const { connection, version } = ownOptions(options, ON_ROTATED_OPTIONS, '@OnSecretRotated');
  const request = valueRequest(name, { connection, version });
  return (target, key) => {
    if (typeof target === 'function') {
      throw new SecretConfigurationError(
        `@OnSecretRotated("${name}") stands on the static method "${String(key)}": only instances hear of rotations.`,
      );
    }
    addClassSecret(target.constructor, { request, place: 'handler', member: key });
    // A hidden injection tells of every instance that Nest makes, also in lazily loaded modules, for which no lifecycle hook of ours runs.
    const slot = Symbol(`rotations of ${name}`);
    Inject(handlerToken(request))(target, slot);
    Object.defineProperty(target, slot, {
      configurable: true,
      set(this: object, handlers: RotationHandlers) {
        handlers.add(this, key, request);
      },
    });
  };
}
