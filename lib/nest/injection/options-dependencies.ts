import { Scope } from '@nestjs/common';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { classSecrets } from './class-secrets.js';
import type { AppModule, AppWrapper } from './nest-container.js';
import { nameOfToken, providerFor } from './nest-container.js';
import type { NestDependency } from './nest-dependencies.js';
import { dependenciesOf } from './nest-dependencies.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';
import { consumerOf } from './token-consumers.js';
import { internalToken } from './tokens.js';

const ARRIVAL = internalToken('Arrival', '');
const OPTIONS = internalToken('Options', '');
const HUB = internalToken('Hub', '');

const ADVICE =
  'Give its factory what needs none of its secrets: read that from `process.env` or a config file, or take the class apart.';

/**
 * Refuses options that wait for themselves: their factory injects something that needs a secret of the same connection. Nest 11 sees cycles of two alone, and
 * ends the process without a word. Options of a request are refused too: all that takes a secret would be made anew with each request.
 */
export function checkOptionsDependencies(host: AppModule, connection: string): void {
  const options = host.getProviderByKey(internalToken('Options', connection)) as AppWrapper | undefined;
  if (!options) return;
  const seen = new Set<AppWrapper>();
  const walk = (wrapper: AppWrapper, path: readonly string[]): void => {
    const module = wrapper.host ?? host;
    for (const dependency of dependenciesOf(wrapper)) {
      const { token } = dependency;
      const next = awaitedOptions(wrapper, module, token) ?? providerFor(module, token);
      if (next === undefined) continue;
      const along = [...path, stepTo(wrapper, dependency)].filter((step) => step !== '');
      if (next === options) throw waitsForItself(connection, path);
      if (next.scope === Scope.REQUEST) throw isOfRequest(connection, along);
      if (seen.has(next) || isBroken(next)) continue;
      seen.add(next);
      walk(next, along);
    }
  };
  walk(options, ['its options']);
}

/** Whoever waits for options to arrive waits for what brings them. */
function awaitedOptions(wrapper: AppWrapper, module: AppModule, token: unknown): AppWrapper | undefined {
  if (typeof token !== 'string' || !token.startsWith(ARRIVAL)) return undefined;
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
  const reason = `its options wait for themselves: ${[...path, 'its options'].join(' → ')}.`;
  return new SecretConfigurationError(reason, { connection, advice: ADVICE });
}

function isOfRequest(connection: string, path: readonly string[]): SecretConfigurationError {
  const reason = `its options depend on what is made for each request: ${path.join(' → ')}.`;
  return new SecretConfigurationError(reason, {
    connection,
    advice: 'They are made once: inject what is a singleton.',
  });
}
