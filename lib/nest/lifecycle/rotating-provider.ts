import type { FactoryProvider, InjectionToken, OptionalFactoryDependency } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { Clock } from '../../core/clock.js';
import type { Duration } from '../../core/duration.js';
import { toMilliseconds } from '../../core/duration.js';
import { foreignLabel, foreignText, framesOf } from '../../core/errors/foreign-text.js';
import { isSecretError, SecretBootstrapError, SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { needed } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import type { Rotating, RotatingResource } from '../../core/rotation/rotating.js';
import type { RotatingContext, RotatingOptions } from '../../core/rotation/rotating.options.js';
import { fixedSecret } from '../../core/store/fixed-secret.js';
import type { ReadSecret, SecretName } from '../../core/secret/typed-names.js';
import { markResourceFactory } from '../injection/resource-factories.js';
import type { SecretLinker } from '../injection/secret-linker.js';
import { DEFAULT_CONNECTION, internalToken, valueRequest } from '../injection/tokens.js';
import { AppStart } from './app-start.js';

export interface RotatingProviderOptions<T, N extends SecretName<C>, C extends string = 'default'> {
  /** The token under which `Rotating<T>` is injected. */
  readonly provide: InjectionToken;
  /** The secret that the resource is made from; required at bootstrap. */
  readonly secret: N;
  /** @default 'default' */
  readonly connection?: C | undefined;
  /** What `create` gets beside the secret. */
  readonly inject?: readonly (InjectionToken | OptionalFactoryDependency)[] | undefined;
  /** Makes a resource, e.g. a pool. */
  create(secret: ReadSecret<N, undefined, C>, ...injected: Parameters<FactoryProvider['useFactory']>): T | Promise<T>;
  /** Throws where the resource does not work, e.g. `SELECT 1`: the old one then stays, and it is tried again with back-off. */
  validate?(resource: T): unknown;
  /** Ends a resource that was replaced or refused, or whose app closes. */
  dispose(resource: T): unknown;
  /** How long running work may go on with a replaced resource before it is disposed of. @default '30s' */
  readonly drain?: Duration | undefined;
  /** Names the errors by which the other side refuses the credentials (PostgreSQL’s 28P01, HTTP 401). Work in `use` that it refuses is repeated whole. */
  rejects?(error: unknown): boolean;
  /** How long refused work is tried again. @default '30s' */
  readonly retryFor?: Duration | undefined;
}

export const ROTATING_OPTIONS: OptionKinds<RotatingProviderOptions<unknown, string, string>> = {
  provide: needed('any'),
  secret: needed('text'),
  connection: 'text',
  inject: 'any',
  create: needed('function'),
  validate: 'function',
  dispose: needed('function'),
  drain: 'duration',
  rejects: 'function',
  retryFor: 'duration',
};

const isNoList = (given: unknown): boolean => !Array.isArray(given);

/**
 * A provider of `Rotating<T>`: a resource that is made again when its secret is rotated, while the old one finishes its work.
 * At bootstrap SecretBootstrapError where `create` or `validate` throws, with name, code, status and stack of that error and without its message.
 */
export function rotatingProvider<T, N extends SecretName<C>, const C extends string = 'default'>(
  given: RotatingProviderOptions<T, N, C>,
): FactoryProvider<Promise<Rotating<T>>> {
  const options = ownOptions(given as never, ROTATING_OPTIONS, 'rotatingProvider') as RotatingProviderOptions<
    T,
    string,
    string
  >;
  const { provide, secret: name, connection = DEFAULT_CONNECTION, inject = [] } = options;
  if (isNoList(inject)) throw new SecretConfigurationError('Option "inject" of rotatingProvider is a list of tokens.');
  const drain = toMilliseconds(options.drain ?? '30s', 'drain');
  const retryFor = toMilliseconds(options.retryFor ?? '30s', 'retryFor');
  const label = typeof provide === 'function' ? provide.name : String(provide);
  const token = valueRequest(name, { connection }).token;
  const [runtimeToken, linkerToken] = [internalToken('Runtime', connection), internalToken('Linker', connection)];
  return {
    provide,
    // The secret’s token makes it a required one of this app.
    inject: [runtimeToken, linkerToken, ModulesContainer, token, ...inject],
    useFactory: markResourceFactory(
      async (
        runtime: SecretRuntime,
        linker: SecretLinker,
        container: ModulesContainer,
        value: unknown,
        ...injected: unknown[]
      ): Promise<Rotating<T>> => {
        const isGiven = linker.isGivenElsewhere(token);
        const create = options.create.bind(given) as (value: unknown, ...injected: unknown[]) => T | Promise<T>;
        const made: RotatingOptions<T> = {
          create: (value) => create(value, ...injected),
          validate: options.validate?.bind(given),
          dispose: options.dispose.bind(given),
          // Of what a test gives there is no newer value to repeat work with.
          rejects: isGiven ? undefined : options.rejects?.bind(given),
          drain,
          retryFor,
        };
        const context: RotatingContext = {
          ...(isGiven ? ofTest(name, connection, value, runtime.clock) : followed(runtime, name)),
          clock: runtime.clock,
          random: runtime.random,
          retry: runtime.options.policies.common.retry,
          warn: (message, error) =>
            runtime.log.warn(`${message} ${error === undefined ? '' : foreignText(error)}`.trim()),
        };
        const first = opened(label, made, context).catch((error: unknown) => {
          throw isSecretError(error) ? error : notMade(label, { secretName: name, connection }, error);
        });
        return AppStart.of(container).follow(runtime, first);
      },
    ),
  };
}

/** Loaded when a resource is there: many apps have none. */
async function opened<T>(
  label: string,
  made: RotatingOptions<T>,
  context: RotatingContext,
): Promise<RotatingResource<T>> {
  const rotating = await import('../../core/rotation/rotating.js');
  return rotating.RotatingResource.open(label, made, context);
}

type Followed = Pick<RotatingContext, 'secret' | 'provide' | 'report' | 'resources'>;

function followed(runtime: SecretRuntime, name: string): Followed {
  const secret = runtime.pin(name);
  return {
    secret: secret.live,
    provide: () => runtime.provide(secret),
    report: (haste) => runtime.rejections.report(secret, haste),
    resources: runtime.resources,
  };
}

/** What a test has put in the secret's place: it stays as it is, and the source is not asked. */
function ofTest(name: string, connection: string, value: unknown, clock: Clock): Followed {
  const arrival = { at: clock.now(), wall: clock.wall() };
  return {
    secret: fixedSecret(name, connection, value, arrival),
    provide: () => undefined,
    report: () => Promise.resolve(),
  };
}

/** Nest logs what a start fails by, with its message: that of a driver quotes what it was given. */
function notMade(label: string, where: Where, error: unknown): SecretBootstrapError {
  const told = new SecretBootstrapError(`the resource "${label}" could not be made: ${foreignLabel(error)}.`, {
    ...where,
    advice:
      'Its message is not shown, as it may quote the secret; see `create` and `validate` of its rotatingProvider.',
    cause: error,
  });
  const stack = [`${told.name}: ${told.message}`, ...framesOf(error)].join('\n');
  Object.defineProperty(told, 'stack', { value: stack, configurable: true, writable: true });
  return told;
}

type Where = { readonly secretName: string; readonly connection: string };
