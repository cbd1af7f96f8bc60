import { ownOptions } from '../../../../core/options/own-options.js';
import type { VaultResponse, VaultWrappedResponse } from '../vault.answer.js';
import { VaultInvalidRequestError } from '../vault.errors.js';
import { VaultPath } from '../vault-path.js';
import { isSendable } from '../wire/token.holder.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultWrapLookup {
  /** The path whose answer is wrapped. */
  readonly creation_path: string;
  readonly creation_time: string;
  /** Seconds. */
  readonly creation_ttl: number;
}

/** `sys/wrapping`. None of these is wrapped itself, but `wrap`. */
export class SysWrapping {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST sys/wrapping/wrap`: any data behind a token that can be used once. @param options.ttl how long the token lives, e.g. `'60s'`. @default what `withWrapping` was given, else '5m' */
  async wrap(data: object, options?: { ttl?: string | undefined }): Promise<VaultWrappedResponse> {
    const { ttl } = ownOptions(options, { ttl: 'text' }, 'client.sys.wrapping.wrap');
    const path = VaultPath.of('sys/wrapping/wrap');
    const requester = this.#requester.scoped({
      wrapTtl: checkedTtl(ttl ?? this.#requester.wrapTtl ?? '5m', path),
    });
    return (await requester.call<null>({ method: 'POST', path, body: data })) as VaultWrappedResponse;
  }

  /**
   * `POST sys/wrapping/unwrap`: what was wrapped, once. The wrapping token itself is what authorises, so a client without a token can do it; the client's
   * own token stays as it is, also where a login was wrapped.
   * @throws VaultInvalidRequestError for a token that is used, expired or none.
   */
  async unwrap<T = Readonly<Record<string, unknown>>>(wrappingToken: string): Promise<VaultResponse<T>> {
    const path = VaultPath.of('sys/wrapping/unwrap');
    if (!isSendable(wrappingToken)) {
      throw new VaultInvalidRequestError(
        'Vault: the wrapping token is empty, or holds spaces or line breaks that no token has: it is not sent.',
        { status: 400, path: path.text },
      );
    }
    return this.#requester.call({ method: 'POST', path, body: {}, token: wrappingToken, unwrapped: true });
  }

  /** `POST sys/wrapping/lookup`: where a wrapping token comes from, without using it up. @throws VaultInvalidRequestError as `unwrap`. */
  async lookup(wrappingToken: string): Promise<VaultResponse<VaultWrapLookup>> {
    const path = VaultPath.of('sys/wrapping/lookup');
    const body = { token: wrappingToken };
    return this.#requester.call({ method: 'POST', path, body, token: false, repeatable: true, unwrapped: true });
  }
}

/** What `X-Vault-Wrap-TTL` takes: seconds, or a duration of Go. @throws VaultInvalidRequestError for any other text. */
export function checkedTtl(ttl: string, path?: VaultPath): string {
  if (typeof ttl === 'string' && /^\d[\dhmsd.]*$/.test(ttl)) return ttl;
  throw new VaultInvalidRequestError('Vault: wrapping takes a duration as text, e.g. "60s" or "5m": nothing is sent.', {
    status: 400,
    path: path?.text,
  });
}
