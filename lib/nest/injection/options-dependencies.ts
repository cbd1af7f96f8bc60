import { Scope } from '@nestjs/common';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { classSecrets } from './class-secrets.js';
import type { AppModule, AppWrapper } from './nest-container.js';
import { nameOfToken, providerFor } from './nest-container.js';
import type { NestDependency } from './nest-dependencies.js';
import { dependenciesOf } from './nest-dependencies.js';
import { registry } from './registry.js';
import { isOwnFactory } from './secret.providers.js';
import type { SecretRequest } from './secret-request.js';
import { consumerOf } from './token-consumers.js';
import { connectionOfLinker, getSecretSourceToken, internalToken } from './tokens.js';

const ARRIVAL = internalToken('Arrival', '');
const OPTIONS = internalToken('Options', '');
const HUB = internalToken('Hub', '');

const ADVICE =
  'Give its factory what needs none of its secrets: read that from `process.env` or a config file, or take the class apart.';

/**
 * Refuses options that wait for themselves: their factory injects something that needs a secret of the same connection. Nest 11 sees only cycles of two, and
 * ends the process without a word. Options of a request are refused too: all that takes a secret would be made again with each request. The same for a
 * source that a test has put in the place of the options'.
 */
export function checkOptionsDependencies(host: AppModule, connection: string): void {
  const options = host.getProviderByKey(internalToken('Options', connection)) as AppWrapper | undefined;
  // Those of `forRoot` wait for nothing else.
  if (options && dependenciesOf(options).some(({ token }) => !isArrival(token)))
    checkFrom(options, 'its options', host, connection);
  const source = host.getProviderByKey(getSecretSourceToken(connection)) as AppWrapper | undefined;
  if (!source || dependenciesOf(source).some(({ token }) => isArrival(token))) return;
  if (source.scope === Scope.REQUEST) throw isOfRequest(connection, ['its source']);
  checkFrom(source, 'its source', host, connection);
}

function checkFrom(start: AppWrapper, name: string, host: AppModule, connection: string): void {
  const seen = new Set<AppWrapper>();
  const walk = (wrapper: AppWrapper, path: readonly string[]): void => {
    const module = wrapper.host ?? host;
    for (const dependency of dependenciesOf(wrapper)) {
      const { token } = dependency;
      const next = awaited(wrapper, module, token) ?? providerFor(module, token);
      if (next === undefined) continue;
      const along = [...path, stepTo(wrapper, dependency)].filter((step) => step !== '');
      if (next === start) throw waitsForItself(connection, path);
      if (next.scope === Scope.REQUEST) throw isOfRequest(connection, along);
      if (seen.has(next) || isBroken(next)) continue;
      seen.add(next);
      walk(next, along);
    }
  };
  walk(start, [name]);
}

const isArrival = (token: unknown): token is string => typeof token === 'string' && token.startsWith(ARRIVAL);

/** What is waited for out of Nest's sight: by whoever waits for options to arrive, what brings them; by a secret's token, its connection. */
function awaited(wrapper: AppWrapper, module: AppModule, token: unknown): AppWrapper | undefined {
  const connection = connectionOfLinker(token);
  if (connection !== undefined) {
    const isOfToken = isOwnFactory(wrapper.metatype) && registry.requestOf(wrapper.token)?.connection === connection;
    return isOfToken ? module.getProviderByKey(internalToken('Runtime', connection)) : undefined;
  }
  if (!isArrival(token)) return undefined;
  const brings = `${OPTIONS}${token.slice(ARRIVAL.length)}`;
  return wrapper.token === brings ? undefined : module.getProviderByKey(brings);
}

/** What waits for a cycle to be closed later, by a `forwardRef` of its own, is handed out before it is made. */
const isBroken = (wrapper: AppWrapper): boolean => dependenciesOf(wrapper).some(({ isForward }) => isForward);

/** One step of a path; providers that this package keeps to itself are none. */
function stepTo(wrapper: AppWrapper, dependency: NestDependency): string {
  const { token } = dependency;
  const request = registry.requestOf(token) ?? byHub(wrapper, token);
  if (!request) return isInternal(token) ? '' : nameOfToken(token);
  const { name, member } = consumerOf(wrapper, dependency, request);
  const place = member === undefined || member === 'constructor' ? '' : ` (${name}.${member})`;
  return `the secret "${request.name}"${place}`;
}

/** What a class asks of the hub first: it is injected before all that it leads to. */
function byHub({ metatype }: AppWrapper, token: unknown): SecretRequest | undefined {
  const isHub = typeof token === 'string' && token.startsWith(HUB);
  return isHub ? classSecrets(metatype).find(({ place }) => place !== 'constructor')?.request : undefined;
}

const isInternal = (token: unknown): boolean =>
  typeof token === 'string' && /^HcpVault(?!Client|SecretSource)[A-Za-z]+:/.test(token);

function waitsForItself(connection: string, path: readonly string[]): SecretConfigurationError {
  const [start] = path;
  const verb = start === 'its options' ? 'wait for themselves' : 'waits for itself';
  const reason = `${start} ${verb}: ${[...path, start].join(' → ')}.`;
  return new SecretConfigurationError(reason, { connection, advice: ADVICE });
}

function isOfRequest(connection: string, path: readonly string[]): SecretConfigurationError {
  const verb = path[0] === 'its options' ? 'depend' : 'depends';
  const reason = `${path[0]} ${verb} on what is made for each request: ${path.join(' → ')}.`;
  return new SecretConfigurationError(reason, {
    connection,
    advice: 'They are made once: inject what is a singleton.',
  });
}
