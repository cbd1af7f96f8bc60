import type { Clock } from '../../../core/clock.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { group, needed } from '../../../core/options/option-kinds.js';
import type { VaultAuthentication, VaultLogin } from '../auth/authentication.js';
import type { Fetch, VaultTlsOptions } from '../client/index.js';
import { VAULT_TLS_OPTIONS } from '../client/vault.tls.js';
import type { VaultSecret } from './vault.secret.js';

interface KvPlace {
  /** @default 'secret' */
  readonly mount?: string | undefined;
  /** Of the engine. @default Vault is asked where it matters: where nothing is found, and before the first write */
  readonly version?: 1 | 2 | undefined;
}

interface KvByPrefix extends KvPlace {
  /** Goes before each name, with a slash between the two, e.g. 'prod/app'. A secret is the object at its path. @default none: names are paths within the mount */
  readonly prefix?: string | undefined;
  readonly document?: never;
  readonly documents?: never;
  readonly optional?: never;
}

interface OfDocuments extends KvPlace {
  /** Whether the document, or any of them, may be absent: then it has no fields, in place of a failure of the whole reading. @default false */
  readonly optional?: boolean | undefined;
  readonly prefix?: never;
}

interface KvByDocument extends OfDocuments {
  /** The path of one secret, each of whose fields is a secret of its own name, e.g. 'prod/app': flat names keep working. */
  readonly document: string;
  readonly documents?: never;
}

interface KvByDocuments extends OfDocuments {
  /** Several of them, e.g. `['application', 'shop', 'shop/prod']`: a later one's fields stand in front of those of the same name before it. */
  readonly documents: readonly string[];
  readonly document?: never;
}

export type VaultKvOptions = KvByPrefix | KvByDocument | KvByDocuments;

export interface VaultOptions {
  /** Base of the API, without `/v1`; also `unix:///path` of a socket. @default VAULT_AGENT_ADDR, else VAULT_ADDR, else 'https://127.0.0.1:8200' */
  readonly address?: string | undefined;
  /** Of Vault Enterprise, HCP Vault or OpenBao. @default VAULT_NAMESPACE */
  readonly namespace?: string | undefined;
  /** How to come by a token: `token`, `appRole`, `kubernetes`, `userpass`, `ldap`, `okta`, `github`, `jwt`, `gcp`, `azure`, `cert`, `awsIam`, `agent`, or a function that logs the client in. */
  readonly auth: VaultAuthentication | VaultLogin;
  readonly tls?: VaultTlsOptions | undefined;
  /** Go with each request, e.g. for a gateway; none of Vault's own. @default VAULT_HEADERS, an object of JSON */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The URL of a proxy, whatever NO_PROXY says; false for none. Not together with `fetch`. @default VAULT_PROXY_ADDR, VAULT_HTTP_PROXY, else HTTPS_PROXY and NO_PROXY */
  readonly proxy?: string | false | undefined;
  /** A `fetch` of your own in place of our connections; it brings its own TLS and proxy. */
  readonly fetch?: Fetch | undefined;
  /** Where names lead that `secrets` does not hold. @default the mount 'secret'; where `secrets` is given, nowhere */
  readonly kv?: VaultKvOptions | undefined;
  /** Names that lead elsewhere than to `kv`: to credentials that an engine issues, or to a path of their own. */
  readonly secrets?: Readonly<Record<string, VaultSecret>> | undefined;
  /**
   * Ends replaced credentials early: a lease once handlers have run, resources and work with it are done, and `overlap` is over; a replaced token once
   * none of its leases is in use. In place of leaving them to their own end. @default false
   */
  readonly revokeOld?: boolean | undefined;
  /** Revokes the tokens that we obtained when the app goes down, and with them all that they leased; never one that was given. @default true */
  readonly revokeOnClose?: boolean | undefined;
  /** Requests within a second at most, but for logins, for a quota that is known. Whatever a quota refuses is sent again, and slows the source down. @default VAULT_RATE_LIMIT, else no limit */
  readonly rateLimit?: number | undefined;
  /** Origins beside the address's own that may receive the token where a standby redirects to them, e.g. `['https://vault-1.internal:8200']`. @default [] */
  readonly redirectTo?: readonly string[] | undefined;
  /** Permits plain http and unverified TLS beyond loopback, with a warning. @default false */
  readonly allowInsecure?: boolean | undefined;
}

/** For tests. */
export interface VaultInternals {
  readonly clock?: Clock | undefined;
  /** A number in [0, 1). */
  readonly random?: (() => number) | undefined;
  /** Milliseconds that a token is kept at while the app starts. @default 2 minutes */
  readonly startUpLife?: number | undefined;
}

export const VAULT_OPTIONS: OptionKinds<VaultOptions> = {
  address: 'text',
  namespace: 'text',
  auth: needed('any'),
  tls: group<VaultTlsOptions>(VAULT_TLS_OPTIONS),
  headers: 'any',
  proxy: 'any',
  fetch: 'function',
  kv: group<VaultKvOptions>({
    mount: 'text',
    version: [1, 2],
    prefix: 'text',
    document: 'text',
    documents: 'texts',
    optional: 'boolean',
  }),
  secrets: 'any',
  revokeOld: 'boolean',
  revokeOnClose: 'boolean',
  rateLimit: 'number',
  redirectTo: 'texts',
  allowInsecure: 'boolean',
};

export const VAULT_SOURCE_OPTIONS: OptionKinds<VaultOptions & VaultInternals> = {
  ...VAULT_OPTIONS,
  clock: 'any',
  random: 'function',
  startUpLife: 'number',
};
