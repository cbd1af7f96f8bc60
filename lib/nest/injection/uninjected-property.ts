import { SecretConfigurationError } from '../../core/errors/index.js';
import { classOf } from './class-of.js';
import { nameOf } from './decorated-place.js';
import { layPlain } from './live-property.js';
import { isOptionalPlace } from './nest-metadata.js';

/** What is told of a property that was read before anything was injected. */
interface Uninjected {
  /** As it stands in the code. */
  readonly decorator: string;
  /** It may be undefined where there is no secret. */
  readonly isOptional: boolean;
  /** It is never undefined. */
  readonly hasDefault: boolean;
}

/**
 * Has a property that nothing was injected into throw at a read: in `new X()`, in a constructor, in another field's initializer. Only where the class's
 * own field does not hide it, as it does under `useDefineForClassFields`. What is assigned stays as in a field: Nest does that, and tests.
 */
export function tellUninjected(
  target: object,
  member: string | symbol,
  { decorator, isOptional, hasDefault }: Uninjected,
): void {
  Object.defineProperty(target, member, {
    configurable: true,
    enumerable: false,
    get(this: object) {
      // Some tools look through prototypes, and ask each member what it is.
      if (Object.hasOwn(this, 'constructor')) return undefined;
      const type = classOf(this);
      if (!hasDefault && (isOptional || isOptionalPlace(type, member))) return undefined;
      throw new SecretConfigurationError(
        `${nameOf({ type, member })} (${decorator}) was read before anything was injected into it: Nest fills properties after the constructor. Read it later, or take a parameter of the constructor; where a test makes the instance by itself, assign the property first.`,
      );
    },
    set: layPlain(member),
  });
}
