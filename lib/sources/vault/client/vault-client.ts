import type { WebSocket } from 'undici';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { namespaceOf } from './namespace.js';
import { connect } from './requester.factory.js';
import { checkedTtl } from './sys/wrapping.sys.js';
import { VaultCalls } from './vault-calls.js';
import type { VaultClientOptions } from './vault-client.options.js';
import { VAULT_CLIENT_OPTIONS } from './vault-client.options.js';
import { VaultEnvironment } from './vault.environment.js';
import { TokenHolder } from './wire/token.holder.js';
import type { Scope, VaultRequester } from './wire/vault.requester.js';
import type { VaultWire } from './wire/vault.wire.js';
import type { VaultWrappingClient } from './wrapping-client.js';

/**
 * HashiCorp Vault's HTTP API, typed; OpenBao's as far as the two are the same. Answers keep Vault's envelope and are plain data; what fails is a
 * `VaultError`. Idempotent requests are tried again where that may help; the token goes only to the address, and to the origins in `redirectTo`.
 */
export class VaultClient extends VaultCalls {
  readonly #requester: VaultRequester;
  readonly #tokens: TokenHolder;
  readonly #wire: VaultWire;

  /**
   * Opens no connection yet. @throws SecretConfigurationError for options, variables or files that can't work.
   * @param warn told of what `allowInsecure` permits. @default process.emitWarning
   */
  constructor(given?: VaultClientOptions, warn?: (reason: string) => void) {
    const options = ownOptions(given, VAULT_CLIENT_OPTIONS, 'VaultClient');
    if ((options.retry as boolean | undefined) === true) {
      throw new SecretConfigurationError('Option "retry" of VaultClient is an object, or false.');
    }
    const tokens = new TokenHolder(options.token ?? new VaultEnvironment().token);
    const { requester, wire } = connect(options, tokens, warn);
    super(requester);
    this.#requester = requester;
    this.#tokens = tokens;
    this.#wire = wire;
  }

  /** Scheme, host and port of the address. */
  get origin(): string {
    return this.#wire.origin;
  }

  /** Without slashes around it; undefined for the root namespace. */
  get namespace(): string | undefined {
    return this.#requester.namespace;
  }

  /** What the next call is sent with; undefined for none. Hidden wherever the client is printed. */
  get token(): string | undefined {
    return this.#tokens.token;
  }

  /** @throws SecretConfigurationError for a text that no header can carry. */
  set token(token: string | undefined) {
    this.#tokens.token = token;
  }

  /**
   * The same client, but that each answer is response-wrapped (`X-Vault-Wrap-TTL`): `wrapInfo.token` stands for it, once, and `sys.wrapping.unwrap`
   * gives it. A wrapped login sets no token.
   * @param ttl how long the wrapping token lives, e.g. `'60s'`.
   * @throws VaultInvalidRequestError for what is not a duration.
   */
  withWrapping(ttl: string): VaultWrappingClient {
    return new VaultCalls(this.#requester.scoped({ wrapTtl: checkedTtl(ttl) })) as unknown as VaultWrappingClient;
  }

  /** The same client, but that each call ends, whatever it is waiting for, when the signal says so. */
  withSignal(signal: AbortSignal): VaultCalls {
    return this.scoped({ signal });
  }

  /** The same client in another namespace, as its API has it, e.g. `'team/a'`; `''` is the root. @throws SecretConfigurationError for what no header can carry. */
  withNamespace(namespace: string): VaultCalls {
    return this.scoped({ namespace: namespaceOf(namespace) ?? '' });
  }

  /** @internal */
  scoped(scope: Scope): VaultCalls {
    return new VaultCalls(this.#requester.scoped(scope));
  }

  /** @internal A websocket with this token, in the client's namespace. @param path below `v1/`, with its query. */
  socket(path: string, token: string): Promise<WebSocket> {
    return this.#wire.socket(`${this.#wire.prefix}/v1/${path}`, this.#requester.headersFor(token));
  }

  /** Has the next calls open new connections, for which the files in `tls` are read again; running calls go on. For certificates that others replace. */
  reopen(): void {
    this.#wire.reopen();
  }

  /** Ends running requests and releases the connections; the next call opens again. No token is revoked. */
  close(): Promise<void> {
    return this.#wire.close();
  }
}
