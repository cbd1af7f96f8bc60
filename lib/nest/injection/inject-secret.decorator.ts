import { Inject } from '@nestjs/common';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { Duration } from '../../core/duration.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import type { FieldPathOf, SecretName, SecretOf } from '../../core/secret/typed-names.js';
import { plainOf } from './class-plan.js';
import { addClassSecret } from './class-secrets.js';
import type { DecoratedPlace } from './decorated-place.js';
import { decoratedPlace, nameOf } from './decorated-place.js';
import { connectToHub, forgetReplaced, readAhead } from './hidden-injection.js';
import { addMethodSecret } from './method-secrets.js';
import { injectOpenly } from './hidden-slot.js';
import { forgetOptional, makeOptional } from './nest-metadata.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';
import { tellUninjected } from './uninjected-property.js';
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
  /** Of a method's parameter: what the caller gives counts, other than undefined; else it is overwritten. @default false */
  readonly given?: boolean | undefined;
}

export interface InjectSecretRefOptions<F = string, C extends string = string> extends Omit<
  InjectSecretOptions<C>,
  'given'
> {
  /** A dotted path: the ref shows that part. */
  readonly field?: F | undefined;
}

export const INJECT_OPTIONS: OptionKinds<InjectSecretOptions> = {
  connection: 'text',
  optional: 'boolean',
  default: 'any',
  version: 'text',
  overlap: 'duration',
  given: 'boolean',
};

const { given: _, ...refOptions } = INJECT_OPTIONS;

export const INJECT_REF_OPTIONS: OptionKinds<InjectSecretRefOptions> = { ...refOptions, field: 'text' };

/** Fits a constructor parameter, a property and a method parameter. Babel hands a property's descriptor in place of an index. */
export type InjectionDecorator = (
  target: object,
  key: string | symbol | undefined,
  index?: number | (PropertyDescriptor & { initializer?: unknown }),
) => void;

type PlaceOf<K extends DecoratedPlace['kind']> = Extract<DecoratedPlace, { kind: K }>;

/**
 * Injects a secret’s value: into a constructor parameter as it is at construction, into a property as the current value at each read,
 * into a parameter of a method under `@WithSecrets()` as the current value at each call.
 */
export function InjectSecret<const C extends string = 'default'>(
  name: SecretName<C>,
  options?: InjectSecretOptions<C>,
): InjectionDecorator {
  return inject(`@InjectSecret("${name}")`, name, undefined, ownOptions(options, INJECT_OPTIONS, '@InjectSecret'));
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
  const given = ownOptions(options, INJECT_OPTIONS, '@InjectSecretField');
  return inject(`@InjectSecretField("${name}")`, name, field, given);
}

/** Injects a SecretRef: a handle with the current value, its version and a stream of changes. */
export function InjectSecretRef<N extends SecretName<C>, const C extends string = 'default'>(
  name: N,
  options?: InjectSecretRefOptions<FieldPathOf<SecretOf<N, C>>, C>,
): InjectionDecorator {
  const given = ownOptions(options as InjectSecretRefOptions | undefined, INJECT_REF_OPTIONS, '@InjectSecretRef');
  const { connection, version, field, overlap } = given;
  const request = refRequest(name, { connection, version, optional: isOptional(given), field, overlap });
  const decorator = `@InjectSecretRef("${name}")`;
  return (...at) => {
    const place = decoratedPlace(decorator, ['constructor parameter', 'property'], ...at);
    if (place.kind === 'property') injectIntoProperty(place, request, undefined, decorator);
    else injectIntoConstructor(place, request, request.token);
  };
}

/** Injects a connection’s HcpVaultClient. */
export function InjectHcpVaultClient(connection?: string): ParameterDecorator & PropertyDecorator {
  const token = getClientToken(connection);
  return (...at: Parameters<InjectionDecorator>) => {
    const place = decoratedPlace('@InjectHcpVaultClient()', ['constructor parameter', 'property'], ...at);
    if (place.kind === 'property') injectOpenly(place.target, place.member, token);
    else injectParameter(place, token);
  };
}

const isOptional = (options: InjectSecretOptions): boolean => options.optional === true || hasDefault(options);
const hasDefault = (options: InjectSecretOptions): boolean => options.default !== undefined;

const VALUE_PLACES = ['constructor parameter', 'property', 'method parameter'] as const;

function inject(
  decorator: string,
  name: string,
  field: string | undefined,
  options: InjectSecretOptions,
): InjectionDecorator {
  const { connection, version, default: fallback, given } = options;
  const request = valueRequest(name, { connection, version, optional: isOptional(options), field });
  return (...at) => {
    const place = decoratedPlace(decorator, VALUE_PLACES, ...at);
    if (place.kind === 'method parameter') {
      const { target, member, type, index } = place;
      addMethodSecret(target, member, { index, request, fallback, given: given === true });
      addClassSecret(type, { request, place: 'method', member, index });
      readAhead(target, request);
      connectToHub(target, request);
      return;
    }
    if (given !== undefined) {
      throw new SecretConfigurationError(
        `option "given" of ${decorator} stands on ${nameOf(place)}, where nobody gives anything: it is for parameters of methods under @WithSecrets().`,
      );
    }
    if (place.kind === 'property') injectIntoProperty(place, request, fallback, decorator);
    else {
      const token = hasDefault(options) ? registry.recordDefault(request, fallback) : request.token;
      injectIntoConstructor(place, request, token);
    }
  };
}

function injectIntoConstructor(
  { type, index }: PlaceOf<'constructor parameter'>,
  request: SecretRequest,
  token: string,
): void {
  addClassSecret(type, { request, place: 'constructor', index });
  injectParameter({ type, index }, token);
  connectToHub((type as { readonly prototype: object }).prototype, request);
}

function injectParameter(
  { type, index }: Pick<PlaceOf<'constructor parameter'>, 'type' | 'index'>,
  token: string,
): void {
  (Inject(token) as InjectionDecorator)(type, undefined, index);
}

function injectIntoProperty(
  { type, target, member }: PlaceOf<'property'>,
  request: SecretRequest,
  fallback: unknown,
  decorator: string,
): void {
  addClassSecret(type, { request, place: 'property', member, fallback });
  injectOpenly(target, member, request.token);
  forgetOptional(target, member);
  if (request.kind === 'value') {
    if (request.optional) {
      makeOptional(target, member);
      readAhead(target, plainOf(request));
    }
  }
  connectToHub(target, request);
  forgetReplaced(target);
  tellUninjected(target, member, { decorator, hasDefault: fallback !== undefined, isOptional: request.optional });
}
