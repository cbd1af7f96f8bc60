import type { CanActivate, FactoryProvider, ModuleMetadata, Type } from '@nestjs/common';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { needed } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import { hideInOutput } from '../../core/redaction.js';

/** A guard's class, which the app provides or this module makes (see `imports`), or an instance. */
export type StatusGuard = Type<CanActivate> | CanActivate;

/** Text of at least 16 characters without spaces, or a function that gives it at each request, so that the token may be a secret that rotates. */
export type StatusToken = string | (() => string);

interface StatusPlace {
  /** Where the page is; the app's global prefix goes before it. @default 'secrets-status' */
  readonly path?: string | undefined;
  /** Whether who is let in may refresh, pause and resume; not with `open`. @default false */
  readonly actions?: boolean | undefined;
  /** Modules that a guard's dependencies come from, where the app has no instance of it. */
  readonly imports?: ModuleMetadata['imports'] | undefined;
}

/** Who is let in, and nothing else: guards, pipes, interceptors and filters that are global in the app do not see the page. Exactly one of the three. */
export type HcpVaultStatusAccess =
  | {
      /** Whom all of these guards let in. */
      readonly guard: StatusGuard | readonly StatusGuard[];
      readonly token?: never;
      readonly open?: never;
    }
  | {
      /** Who sends `Authorization: Bearer` with it. */
      readonly token: StatusToken;
      readonly guard?: never;
      readonly open?: never;
    }
  | {
      /** Whoever reaches the path. Names of secrets and of classes are shown. */
      readonly open: true;
      readonly guard?: never;
      readonly token?: never;
    };

export type HcpVaultStatusOptions = StatusPlace & HcpVaultStatusAccess;

/** What a factory of `registerAsync` gives. */
export interface HcpVaultStatusCredentials {
  readonly token: StatusToken;
}

export interface HcpVaultStatusAsyncOptions extends StatusPlace {
  readonly inject?: FactoryProvider['inject'] | undefined;
  readonly useFactory: FactoryProvider<HcpVaultStatusCredentials>['useFactory'];
}

const PLACE: OptionKinds<StatusPlace> = { path: 'text', actions: 'boolean', imports: 'any' };
export const STATUS_OPTIONS: OptionKinds<HcpVaultStatusOptions> = {
  ...PLACE,
  guard: 'any',
  token: 'any',
  open: 'boolean',
};
export const STATUS_ASYNC_OPTIONS: OptionKinds<HcpVaultStatusAsyncOptions> = {
  ...PLACE,
  inject: 'any',
  useFactory: needed('function'),
};
export const STATUS_CREDENTIALS: OptionKinds<HcpVaultStatusCredentials> = { token: needed('any') };

/** The token of a page; it shows nowhere, though module definitions hold it. */
export class SealedToken {
  readonly #given: StatusToken;

  constructor(given: StatusToken) {
    this.#given = given;
  }

  /** As it is now; undefined where it is not a token. */
  current(): string | undefined {
    const token: unknown = typeof this.#given === 'function' ? this.#given() : this.#given;
    return isToken(token) ? token : undefined;
  }

  static {
    hideInOutput(SealedToken.prototype, () => '[token of the status page]');
  }
}

/** Who is let in, checked. */
export type StatusAccess =
  | { readonly kind: 'guard'; readonly guards: readonly StatusGuard[] }
  | { readonly kind: 'token'; readonly token: SealedToken }
  | { readonly kind: 'open' };

export interface StatusSettings {
  /** With a slash before it and none behind it. */
  readonly path: string;
  readonly hasActions: boolean;
}

const REGISTER = 'HcpVaultStatusModule.register';
const CHOICES =
  'Give one of them: `guard` (a Nest guard), `token` (at least 16 characters, e.g. of `openssl rand -hex 16`), or `open: true` where whoever reaches the path may see names and times.';

/** What `register` takes. Throws SecretConfigurationError, whatever NODE_ENV says, where it would not be clear who is let in. */
export function checkStatusOptions(given: HcpVaultStatusOptions): {
  readonly settings: StatusSettings;
  readonly access: StatusAccess;
  readonly imports: ModuleMetadata['imports'];
} {
  const hints = { useFactory: 'A factory goes into registerAsync.' };
  const { guard, token, open, imports, ...place } = ownOptions(given, STATUS_OPTIONS, REGISTER, { hints });
  const access = accessOf({ guard, token, open });
  const settings = settingsOf(place, REGISTER);
  if (settings.hasActions && access.kind === 'open') {
    throw new SecretConfigurationError(`option "actions" of ${REGISTER} needs a guard or a token, not \`open\`.`);
  }
  return { settings, access, imports };
}

/** What `registerAsync` takes. Throws SecretConfigurationError. */
export function checkStatusAsyncOptions(given: HcpVaultStatusAsyncOptions): HcpVaultStatusAsyncOptions & {
  readonly settings: StatusSettings;
} {
  const taker = `${REGISTER}Async`;
  const hints = { token: 'It stands in what `useFactory` gives: `useFactory: () => ({ token: … })`.' };
  const options = ownOptions(given, STATUS_ASYNC_OPTIONS, taker, { hints });
  return { ...options, settings: settingsOf(options, taker) };
}

/** What a factory gave. Throws SecretConfigurationError. */
export function checkCredentials(given: HcpVaultStatusCredentials): StatusAccess {
  const taker = `the factory of ${REGISTER}Async`;
  return { kind: 'token', token: checkToken(ownOptions(given, STATUS_CREDENTIALS, taker).token, taker) };
}

function accessOf({ guard, token, open }: Record<'guard' | 'token' | 'open', unknown>): StatusAccess {
  const given = Object.entries({ guard, token, open }).filter(([, value]) => value !== undefined);
  if (given.length === 0) throw new SecretConfigurationError(`${REGISTER} lets nobody in.`, { advice: CHOICES });
  if (given.length > 1) {
    const names = given.map(([name]) => `"${name}"`).join(' and ');
    throw new SecretConfigurationError(`${REGISTER} takes one of its options ${names}, and not several.`, {
      advice: CHOICES,
    });
  }
  if (token !== undefined) return { kind: 'token', token: checkToken(token, REGISTER) };
  if (guard !== undefined) return { kind: 'guard', guards: checkGuards(guard) };
  if (open === true) return { kind: 'open' };
  throw new SecretConfigurationError(`option "open" of ${REGISTER} is true, or not there.`, { advice: CHOICES });
}

/** Whether a text can be a token: long enough not to be guessed, and of what a header can carry. */
const isToken = (text: unknown): text is string => typeof text === 'string' && /^[\x21-\x7e]{16,4096}$/.test(text);

function checkToken(token: unknown, taker: string): SealedToken {
  if (typeof token === 'function' || isToken(token)) return new SealedToken(token as StatusToken);
  throw new SecretConfigurationError(
    `option "token" of ${taker} is text of at least 16 characters of ASCII without spaces, or a function that gives it.`,
    { advice: 'Let it be random, of 128 bits or more: `openssl rand -hex 16`.' },
  );
}

function checkGuards(guard: unknown): readonly StatusGuard[] {
  const guards: readonly unknown[] = Array.isArray(guard) ? guard : [guard];
  const isGuard = (candidate: unknown): candidate is StatusGuard => {
    const owner = typeof candidate === 'function' ? (candidate.prototype as unknown) : candidate;
    return typeof (owner as Partial<CanActivate> | null | undefined)?.canActivate === 'function';
  };
  if (guards.length > 0 && guards.every(isGuard)) return guards;
  throw new SecretConfigurationError(
    `option "guard" of ${REGISTER} is the class or an instance of a Nest guard, with \`canActivate\`, or a list of them.`,
  );
}

function settingsOf({ path: given = 'secrets-status', actions = false }: StatusPlace, taker: string): StatusSettings {
  const path = `/${given.replace(/^\/+|\/+$/g, '')}`;
  if (/^(?:\/[\w.~-]+)+$/.test(path) && !/\/\.{1,2}(?:\/|$)/.test(path)) return { path, hasActions: actions };
  throw new SecretConfigurationError(
    `option "path" of ${taker} is a path as it stands, e.g. "secrets-status": letters, digits, "-", "_", "." and "~" between slashes.`,
  );
}
