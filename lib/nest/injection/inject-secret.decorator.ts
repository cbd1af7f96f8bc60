import { Inject } from '@nestjs/common';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { Duration } from '../../core/duration.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import type { FieldPathOf, SecretName, SecretOf } from '../../core/secret/typed-names.js';
import { addClassSecret } from './class-secrets.js';
import { makeLive } from './live-property.js';
import { addMethodSecret } from './method-secrets.js';
import { registry } from './registry.js';
import { getClientToken, refRequest, valueRequest } from './tokens.js';

export interface InjectSecretOptions<C extends string = string> {
  /** @default 'default' */
  readonly connection?: C | undefined;
  /** Gives undefined where the secret is not found; other reasons still fail. @default false */
  readonly optional?: boolean | undefined;
  /** Given where the secret is not found; implies `optional`. */
  readonly default?: unknown;
  /** A version or stage other than the current one, in the source’s own words. */
  readonly version?: string | undefined;
  /** How long replaced values stay in `ref.accepted`. @default the module’s `overlap` */
  readonly overlap?: Duration | undefined;
}

export interface InjectSecretRefOptions<F = string, C extends string = string> extends InjectSecretOptions<C> {
  /** A dotted path: the ref shows that part. */
  readonly field?: F | undefined;
}

export const INJECT_OPTIONS: OptionKinds<InjectSecretOptions> = {
  connection: 'text',
  optional: 'boolean',
  default: 'any',
  version: 'text',
  overlap: 'duration',
};

export const INJECT_REF_OPTIONS: OptionKinds<InjectSecretRefOptions> = { ...INJECT_OPTIONS, field: 'text' };

/** Fits a constructor parameter, a property and a method parameter. */
export type InjectionDecorator = (target: object, key: string | symbol | undefined, index?: number) => void;

/**
 * Injects a secret’s value: into a constructor parameter as it is at construction, into a property as the current value at each read,
 * into a parameter of a method under `@WithSecrets()` as the current value at each call.
 */
export function InjectSecret<const C extends string = 'default'>(
  name: SecretName<C>,
  options?: InjectSecretOptions<C>,
): InjectionDecorator {
  return inject(name, undefined, ownOptions(options, INJECT_OPTIONS, '@InjectSecret'));
}

/** The same for one field of a structured secret. Throws SecretFieldError for a malformed path. */
export function InjectSecretField<N extends SecretName<C>, const C extends string = 'default'>(
  name: N,
  field: FieldPathOf<SecretOf<N, C>>,
  options?: InjectSecretOptions<C>,
): InjectionDecorator {
  if (typeof (field as unknown) !== 'string') {
    throw new SecretConfigurationError(
      '@InjectSecretField takes a path of the field: @InjectSecretField("DB", "password").',
    );
  }
  return inject(name, field, ownOptions(options, INJECT_OPTIONS, '@InjectSecretField'));
}

/** Injects a SecretRef: a handle with the current value, its version and a stream of changes. */
export function InjectSecretRef<N extends SecretName<C>, const C extends string = 'default'>(
  name: N,
  options?: InjectSecretRefOptions<FieldPathOf<SecretOf<N, C>>, C>,
): InjectionDecorator {
  const given = ownOptions(options as InjectSecretRefOptions | undefined, INJECT_REF_OPTIONS, '@InjectSecretRef');
  const { field, overlap } = given;
  const request = refRequest(name, { ...tokenOptions(given), field, overlap });
  return (target, key, index) => {
    if (index !== undefined && key !== undefined) {
      throw new SecretConfigurationError(
        `@InjectSecretRef("${name}") stands on a parameter of the method "${String(key)}": inject the ref into the constructor, or the value with @InjectSecret.`,
      );
    }
    const type = classOf(target, key, index, name);
    addClassSecret(type, { request, place: key === undefined ? 'constructor' : 'property', member: key });
    injectAt(request.token, target, key, index);
  };
}

/** Injects a connection’s HcpVaultClient. */
export function InjectHcpVaultClient(connection?: string): ParameterDecorator & PropertyDecorator {
  return Inject(getClientToken(connection));
}

function tokenOptions({ connection, version, optional, ...rest }: InjectSecretOptions): {
  connection?: string | undefined;
  version?: string | undefined;
  optional: boolean;
} {
  return { connection, version, optional: optional === true || hasDefault(rest) };
}

const hasDefault = (options: InjectSecretOptions): boolean => options.default !== undefined;

function inject(name: string, field: string | undefined, options: InjectSecretOptions): InjectionDecorator {
  const request = valueRequest(name, { ...tokenOptions(options), field });
  const token = hasDefault(options) ? registry.recordDefault(request, options.default) : request.token;
  return (target, key, index) => {
    if (index !== undefined && key !== undefined) {
      addMethodSecret(target, key, { index, request, fallback: options.default });
      addClassSecret(classOf(target, key, index, name), { request, place: 'method', member: key });
      return;
    }
    addClassSecret(classOf(target, key, index, name), {
      request,
      place: key === undefined ? 'constructor' : 'property',
      member: key,
    });
    injectAt(token, target, key, index);
    if (key !== undefined) makeLive(target, key, request, options.default);
  };
}

function injectAt(token: string, target: object, key: string | symbol | undefined, index: number | undefined): void {
  const decorate = Inject(token) as InjectionDecorator;
  decorate(target, key, index);
}

/** The class that a decorator stands in. Statics have no container to get a secret from. */
function classOf(target: object, key: string | symbol | undefined, index: number | undefined, name: string): object {
  if (key === undefined) return target;
  if (typeof target === 'function') {
    const place = index === undefined ? 'property' : 'method';
    throw new SecretConfigurationError(
      `@InjectSecret("${name}") stands on the static ${place} "${String(key)}": only instances that Nest makes get secrets.`,
    );
  }
  return target.constructor;
}
