import type { OptionKinds } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import type { SecretName } from '../../core/secret/typed-names.js';
import { addClassSecret } from '../injection/class-secrets.js';
import { decoratedPlace } from '../injection/decorated-place.js';
import { connectToHub, forgetReplaced, readAhead } from '../injection/hidden-injection.js';
import { valueRequest } from '../injection/tokens.js';

export interface OnSecretRotatedOptions<C extends string = string> {
  /** @default 'default' */
  readonly connection?: C | undefined;
  /** A version or stage other than the current one. */
  readonly version?: string | undefined;
}

export const ON_ROTATED_OPTIONS: OptionKinds<OnSecretRotatedOptions> = { connection: 'text', version: 'text' };

/**
 * Calls the method after each rotation of a secret, with a SecretRotatedEvent, one at a time; of several events that come meanwhile it gets the
 * newest. An error is logged with class and method, and stops nothing else. Fits only singletons: a request-scoped or transient class fails the bootstrap.
 */
export function OnSecretRotated<const C extends string = 'default'>(
  name: SecretName<C>,
  options?: OnSecretRotatedOptions<C>,
): MethodDecorator {
  const { connection, version } = ownOptions(options, ON_ROTATED_OPTIONS, '@OnSecretRotated');
  const request = valueRequest(name, { connection, version });
  return (target, key, descriptor) => {
    const { type, member } = decoratedPlace(`@OnSecretRotated("${name}")`, ['method'], target, key, descriptor);
    addClassSecret(type, { request, place: 'handler', member });
    readAhead(target, request);
    // A hidden injection tells of every instance that Nest makes, also in lazily loaded modules, for which no lifecycle hook of ours runs.
    connectToHub(target, request);
    forgetReplaced(target);
  };
}
