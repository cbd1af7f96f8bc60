import type { Readable } from 'node:stream';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import type { GivenProxy } from './proxy.js';

/** Trust in the server's certificate, and our own where the server asks for one. */
export interface TlsOptions {
  /**
   * PEM certificates to trust in place of Node's own list, as text, bytes or a list of them.
   * Those of `NODE_EXTRA_CA_CERTS` are trusted besides. @default Node's list
   */
  readonly ca?: string | Buffer | readonly (string | Buffer)[] | undefined;
  /** Our own certificate in PEM, with its chain, for mutual TLS. Needs `key`. @default none */
  readonly cert?: string | Buffer | undefined;
  /** The private key of `cert` in PEM. */
  readonly key?: string | Buffer | undefined;
  /** The name that the server's certificate must hold, and that SNI asks for. @default the address's host */
  readonly serverName?: string | undefined;
}

export const TLS_OPTIONS: OptionKinds<TlsOptions> = { ca: 'any', cert: 'any', key: 'any', serverName: 'text' };

export interface HttpTransportOptions {
  /** Base of all requests; a path in it goes before theirs. */
  readonly url: string;
  /** Whether `unix:///…` is taken. @default false */
  readonly takesSockets?: boolean | undefined;
  /** How the user knows `url`, for errors, e.g. `apiUrl (HCP_API_ADDRESS)`. */
  readonly urlOption: string;
  /** The source's `kind`, for errors. */
  readonly sourceKind: string;
  /** A function is asked again by `reopen`: for what comes from files that others write. */
  readonly tls?: TlsOptions | (() => TlsOptions) | undefined;
  /** False takes any certificate: only on loopback, or with `allowInsecure`. @default true */
  readonly verify?: boolean | undefined;
  /** Permits plain http and unverified TLS beyond loopback, with a warning. @default false */
  readonly allowInsecure?: boolean | undefined;
  /** In place of the environment's; false for none. @default HTTPS_PROXY, HTTP_PROXY and NO_PROXY */
  readonly proxy?: GivenProxy | false | undefined;
  /** Milliseconds to connect in, TLS included; undici counts them in half seconds. @default 5000 */
  readonly connectTimeout?: number | undefined;
  /** Milliseconds for one whole request, its body included: the last resort, for callers mostly have a signal. @default 60000 */
  readonly timeout?: number | undefined;
  /** No bound to the connections, for what holds some open for long: whoever asks bounds the others. @default false: 128 */
  readonly isUnbounded?: boolean | undefined;
  /** Bytes of a body at most. @default 8 MiB */
  readonly maxBody?: number | undefined;
  /** Told once, on creation, of what `allowInsecure` permits here. @default process.emitWarning */
  readonly warn?: ((message: string) => void) | undefined;
}

export interface HttpRequest {
  /** @default 'GET' */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | undefined;
  /** Begins with a slash; encoded, with its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A stream can be sent once: such a request is neither repeatable nor redirected. */
  readonly body?: string | Uint8Array | Readable | undefined;
  /** Ends the request, whatever it is waiting for. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, in place of the transport's own. */
  readonly timeout?: number | undefined;
  /** Bytes of the answer's body at most, in place of the transport's own. */
  readonly maxBody?: number | undefined;
  /** Who judges a redirect: the transport, which follows one within its origin, or the caller, who gets it as an answer. @default 'follow' */
  readonly redirect?: 'follow' | 'manual' | undefined;
  /**
   * A success is answered when it begins, its body being a stream of whatever size; `timeout` is for the time until then, and for each pause of the other
   * side's. @default false
   */
  readonly streamed?: boolean | undefined;
  /** Milliseconds for each pause of the other side's, where it is `streamed`. @default timeout */
  readonly silence?: number | undefined;
  /** Harmless to send twice: done once where a kept-alive connection turned out closed. @default false */
  readonly repeatable?: boolean | undefined;
}
