import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { needed } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import { OwnVerifier } from '../../core/webhook/own-verifier.js';
import type { VerifyWebhook, WebhookVerifier } from '../../core/webhook/webhook-verifier.js';
import { checkConnection, DEFAULT_CONNECTION } from '../injection/tokens.js';

/** What must be known before anything is built, and so stands beside the factory and not in its result. */
export interface HcpVaultWebhookStatic {
  /** Where senders call, e.g. `hooks/secrets`; the app's global prefix goes before it. */
  readonly path: string;
  /** The connections that hear of what is announced. @default 'default' */
  readonly connection?: string | readonly string[] | undefined;
}

export interface HcpVaultWebhookVerification {
  /** Who calls: `standardWebhooks(…)`, `infisical(…)`, `doppler(…)`, `eventGrid(…)`, `eventBridge(…)`, or a function of one's own. */
  readonly verify: WebhookVerifier | VerifyWebhook;
}

export type HcpVaultWebhookOptions = HcpVaultWebhookStatic & HcpVaultWebhookVerification;

export interface HcpVaultWebhookAsyncOptions extends HcpVaultWebhookStatic {
  readonly imports?: ModuleMetadata['imports'] | undefined;
  readonly inject?: FactoryProvider['inject'] | undefined;
  readonly useFactory: FactoryProvider<HcpVaultWebhookVerification>['useFactory'];
}

const STATIC: OptionKinds<HcpVaultWebhookStatic> = { path: needed('text'), connection: 'any' };
export const WEBHOOK_VERIFICATION: OptionKinds<HcpVaultWebhookVerification> = { verify: needed('any') };
export const WEBHOOK_OPTIONS: OptionKinds<HcpVaultWebhookOptions> = { ...STATIC, ...WEBHOOK_VERIFICATION };
export const WEBHOOK_ASYNC_OPTIONS: OptionKinds<HcpVaultWebhookAsyncOptions> = {
  ...STATIC,
  imports: 'any',
  inject: 'any',
  useFactory: needed('function'),
};

const REGISTER = 'HcpVaultWebhookModule.register';

/** Where a webhook is, and who hears of it. */
export interface WebhookPlace {
  /** With a slash before it and none behind it. */
  readonly path: string;
  readonly connections: readonly string[];
}

/** What `register` takes. Throws SecretConfigurationError. */
export function checkOptions(given: HcpVaultWebhookOptions): WebhookPlace & { readonly verifier: WebhookVerifier } {
  const hints = { useFactory: 'A factory goes into registerAsync.' };
  const { verify, ...place } = ownOptions(given, WEBHOOK_OPTIONS, REGISTER, { hints });
  return { ...placeOf(place, REGISTER), verifier: verifierOf(verify, REGISTER) };
}

/** What `registerAsync` takes. Throws SecretConfigurationError. */
export function checkAsyncOptions(given: HcpVaultWebhookAsyncOptions): HcpVaultWebhookAsyncOptions & WebhookPlace {
  const hints = { verify: 'It stands in what `useFactory` gives: `useFactory: () => ({ verify: … })`.' };
  const options = ownOptions(given, WEBHOOK_ASYNC_OPTIONS, `${REGISTER}Async`, { hints });
  return { ...options, ...placeOf(options, `${REGISTER}Async`) };
}

/** What a factory gave. Throws SecretConfigurationError. */
export function checkFactoryResult(given: HcpVaultWebhookVerification): WebhookVerifier {
  const taker = `the factory of ${REGISTER}Async`;
  return verifierOf(ownOptions(given, WEBHOOK_VERIFICATION, taker).verify, taker);
}

function placeOf({ path: given, connection = DEFAULT_CONNECTION }: HcpVaultWebhookStatic, taker: string): WebhookPlace {
  const path = `/${given.replace(/^\/+|\/+$/g, '')}`;
  if (!/^(?:\/[\w.~-]+)+$/.test(path) || /\/\.{1,2}(?:\/|$)/.test(path)) {
    throw new SecretConfigurationError(
      `option "path" of ${taker} is a path as it stands, e.g. "hooks/secrets": letters, digits, "-", "_", "." and "~" between slashes.`,
    );
  }
  const connections: readonly unknown[] = Array.isArray(connection) ? connection : [connection];
  if (connections.length === 0) {
    throw new SecretConfigurationError(`option "connection" of ${taker} names no connection.`);
  }
  for (const name of connections) checkConnection(name);
  return { path, connections: [...new Set(connections as readonly string[])] };
}

function verifierOf(verify: unknown, taker: string): WebhookVerifier {
  if (typeof verify === 'function') return new OwnVerifier(verify as VerifyWebhook);
  const candidate = verify as Partial<WebhookVerifier> | null;
  if (typeof candidate === 'object' && typeof candidate?.verify === 'function') return candidate as WebhookVerifier;
  throw new SecretConfigurationError(
    `option "verify" of ${taker} is a verifier, such as standardWebhooks(secret), or a function (headers, body) => changes.`,
  );
}
