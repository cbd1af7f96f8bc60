import type { Clock } from '../../../core/clock.js';
import type { Duration } from '../../../core/duration.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { group, groupOrBoolean } from '../../../core/options/option-kinds.js';
import type { Fetch } from './wire/fetch.transport.js';
import type { RetryOptions } from './wire/retry.policy.js';
import { RETRY_OPTIONS } from './wire/retry.policy.js';
import type { VaultTlsOptions } from './vault.tls.js';
import { VAULT_TLS_OPTIONS } from './vault.tls.js';

/** Options of `VaultClient`; what is left out comes from the environment, where OpenBao's `BAO_*` come before `VAULT_*`. */
export interface VaultClientOptions {
  /** Base of the API, without `/v1`; also `unix:///path` of a socket. @default VAULT_AGENT_ADDR, else VAULT_ADDR, else 'https://127.0.0.1:8200' */
  readonly address?: string | undefined;
  /** The token to begin with; each login replaces it. An empty text is none. @default VAULT_TOKEN, else the content of `~/.vault-token` */
  readonly token?: string | undefined;
  /** Namespace of Vault Enterprise, HCP Vault or OpenBao, for all calls. @default VAULT_NAMESPACE */
  readonly namespace?: string | undefined;
  /** Go with each request, e.g. for a gateway. Those of Vault's own (`X-Vault-…`) and of the connection are set by the client. @default VAULT_HEADERS, an object of JSON */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** The URL of a proxy, whatever NO_PROXY says; false for none. Not together with `fetch`. @default VAULT_PROXY_ADDR, VAULT_HTTP_PROXY, else HTTPS_PROXY and NO_PROXY */
  readonly proxy?: string | false | undefined;
  /** Not together with `fetch`, which brings its own. */
  readonly tls?: VaultTlsOptions | undefined;
  /** One request, from the connection to the last byte; one that ran out of time is not repeated. @default VAULT_CLIENT_TIMEOUT, else '30s' */
  readonly timeout?: Duration | undefined;
  /** How idempotent requests are tried again after 412, 429, a 5xx (but 501), or a broken connection; false never does. @default 3 attempts, or one more than VAULT_MAX_RETRIES */
  readonly retry?: RetryOptions | false | undefined;
  /**
   * Requests within a second at most, for a quota that is known. With it a request that a quota refuses (429) is sent again, whatever it is, for
   * nothing was done, and all others wait meanwhile; `Infinity` does that without a limit but that of the variable. @default VAULT_RATE_LIMIT, else no limit
   */
  readonly rateLimit?: number | undefined;
  /** Origins beside the address's own that may receive the token when Vault redirects to them, e.g. `['https://vault-1.internal:8200']`. @default [] */
  readonly redirectTo?: readonly string[] | undefined;
  /** A `fetch` of your own in place of our connections. */
  readonly fetch?: Fetch | undefined;
  /** Permits plain http and unverified TLS beyond loopback, with a warning. @default false */
  readonly allowInsecure?: boolean | undefined;
  /** For tests: what waits between attempts. @default the machine's clock */
  readonly clock?: Pick<Clock, 'sleep'> | Clock | undefined;
}

export const VAULT_CLIENT_OPTIONS: OptionKinds<VaultClientOptions> = {
  address: 'text',
  token: 'text',
  namespace: 'text',
  headers: 'any',
  proxy: 'any',
  tls: group<VaultTlsOptions>(VAULT_TLS_OPTIONS),
  timeout: 'duration',
  retry: groupOrBoolean<RetryOptions>(RETRY_OPTIONS),
  rateLimit: 'number',
  redirectTo: 'texts',
  fetch: 'function',
  allowInsecure: 'boolean',
  clock: 'any',
};
