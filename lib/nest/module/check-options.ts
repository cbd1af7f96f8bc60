import type { ClientOptions } from '../../core/client/client-options.js';
import { CLIENT_OPTIONS } from '../../core/client/client-options.js';
import { resolveClientOptions } from '../../core/client/resolve-client-options.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import type { HcpVaultModuleAsyncOptions, HcpVaultModuleOptions, HcpVaultModuleStatic } from './module-options.js';
import { ASYNC_OPTIONS, MODULE_OPTIONS, ROOT_OPTIONS } from './module-options.js';

const FOR_ROOT = 'HcpVaultModule.forRoot';
const ASYNC = 'HcpVaultModule.forRootAsync';
const FACTORY = 'the factory of HcpVaultModule.forRootAsync';

/** The runtime tells of what is probably not meant, in the log of its connection. */
const silent = (): void => undefined;

const inFactory = (name: string): string =>
  `It stands in what \`useFactory\` gives: \`useFactory: () => ({ ${name}: … })\`.`;
const besideFactory = (name: string): string => `It stands beside \`useFactory\`, as it must be known before that is called: \`forRootAsync({ ${name}: …, useFactory })\`.`; // prettier-ignore

/** What `forRoot` takes. Throws SecretConfigurationError. */
export function checkRootOptions(given: unknown): HcpVaultModuleOptions & HcpVaultModuleStatic {
  refuseSource(given, FOR_ROOT, 'hand it on');
  const hints = { useFactory: 'A factory goes into forRootAsync.', imports: 'Imports go beside a factory, into forRootAsync.', inject: 'It goes beside a factory, into forRootAsync.' }; // prettier-ignore
  return checkedClient(ownOptions(given as object, ROOT_OPTIONS, FOR_ROOT, { hints, warn: silent }), FOR_ROOT);
}

/** What `forRootAsync` takes. Throws SecretConfigurationError. */
export function checkAsyncOptions(given: HcpVaultModuleAsyncOptions): HcpVaultModuleAsyncOptions {
  const hints = Object.fromEntries(Object.keys(MODULE_OPTIONS).map((name) => [name, inFactory(name)]));
  const options = ownOptions(given, ASYNC_OPTIONS, ASYNC, { hints });
  const { useFactory, useClass, useExisting } = options;
  if ([useFactory, useClass, useExisting].filter((way) => way !== undefined).length === 1) return options;
  throw new SecretConfigurationError('forRootAsync takes one of `useFactory`, `useClass` and `useExisting`.');
}

/** What a factory gave. Throws SecretConfigurationError. */
export function checkFactoryResult(given: unknown, connection: string): HcpVaultModuleOptions {
  const details = { connection };
  refuseSource(given, FACTORY, 'give it', details);
  if (given === undefined) {
    const advice = 'An arrow function that is to give an object has it in parentheses: `() => ({ source })`.';
    throw new SecretConfigurationError(`${FACTORY} gave nothing.`, { ...details, advice });
  }
  const hints = Object.fromEntries(['connection', 'isGlobal', 'config'].map((name) => [name, besideFactory(name)]));
  const options = ownOptions(given as HcpVaultModuleOptions, MODULE_OPTIONS, FACTORY, { hints, details, warn: silent });
  return checkedClient(options, FACTORY);
}

/** All that can be said without the source, by the function that takes the options. */
function checkedClient<T extends HcpVaultModuleOptions>(options: T, taker: string): T {
  const client = Object.keys(CLIENT_OPTIONS).map((name) => [name, options[name as keyof ClientOptions]] as const);
  resolveClientOptions(Object.fromEntries(client), {}, silent, taker);
  return options;
}

function refuseSource(given: unknown, taker: string, verb: string, details = {}): void {
  const { read, kind } = (typeof given === 'object' && given !== null ? given : {}) as Record<string, unknown>;
  if (typeof read !== 'function' || typeof kind !== 'string') return;
  const reason = `${taker} was given a source in place of options: ${verb} as \`{ source: … }\`.`;
  throw new SecretConfigurationError(reason, details);
}
