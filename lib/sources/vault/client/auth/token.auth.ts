import { ownOptions } from '../../../../core/options/own-options.js';
import { toFields } from '../call-fields.js';
import type { VaultAuthResponse, VaultResponse } from '../vault.answer.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

/** What a new token is to be; durations as text, e.g. `'1h'`. */
export interface VaultTokenRequest {
  readonly policies?: readonly string[] | undefined;
  readonly ttl?: string | undefined;
  readonly explicitMaxTtl?: string | undefined;
  /** A periodic token: renewable for ever, each time for this long. */
  readonly period?: string | undefined;
  readonly renewable?: boolean | undefined;
  readonly noParent?: boolean | undefined;
  readonly noDefaultPolicy?: boolean | undefined;
  readonly displayName?: string | undefined;
  /** How often it may be used; 0 is without a bound. */
  readonly numUses?: number | undefined;
  readonly type?: 'service' | 'batch' | undefined;
  readonly entityAlias?: string | undefined;
  readonly id?: string | undefined;
  readonly meta?: Readonly<Record<string, string>> | undefined;
}

export interface VaultTokenData {
  readonly accessor: string;
  readonly creation_time: number;
  readonly creation_ttl: number;
  readonly display_name: string;
  readonly entity_id: string;
  readonly expire_time: string | null;
  readonly explicit_max_ttl: number;
  readonly id: string;
  readonly meta: Readonly<Record<string, string>> | null;
  readonly num_uses: number;
  readonly orphan: boolean;
  readonly path: string;
  readonly period?: number;
  readonly policies: readonly string[];
  readonly renewable?: boolean;
  /** Seconds left; 0 never ends. */
  readonly ttl: number;
  readonly type: 'service' | 'batch';
}

/** `auth/token`. Making a token never changes the client's own. */
export class TokenAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /**
   * `POST auth/token/create`, or `auth/token/create/:role` where a token role is given. The new token is in `auth`.
   * @throws VaultForbiddenError where the client's token may not, VaultInvalidRequestError.
   */
  async create(token: VaultTokenRequest = {}, options?: { role?: string | undefined }): Promise<VaultAuthResponse> {
    const { role } = ownOptions(options, { role: 'text' }, 'client.auth.token.create');
    return this.#make(role === undefined ? ['create'] : ['create', segment(role)], token);
  }

  /** `POST auth/token/create-orphan`: a token that outlives the client's own. */
  createOrphan(token: VaultTokenRequest = {}): Promise<VaultAuthResponse> {
    return this.#make(['create-orphan'], token);
  }

  /** `GET auth/token/lookup-self`. @throws VaultForbiddenError for a token that is invalid, expired or revoked. */
  async lookupSelf(): Promise<VaultResponse<VaultTokenData>> {
    return this.#requester.call({ path: VaultPath.of('auth/token/lookup-self') });
  }

  /** `POST auth/token/renew-self`: extends the client's own token. Vault may grant less than `increment` (e.g. `'1h'`): see `auth.lease_duration`, in seconds. */
  async renewSelf(renewal?: { increment?: string | undefined }): Promise<VaultAuthResponse> {
    const body = ownOptions(renewal, { increment: 'text' }, 'client.auth.token.renewSelf');
    const path = VaultPath.of('auth/token/renew-self');
    const response = await this.#requester.call<null>({ method: 'POST', path, body, repeatable: true });
    return response as VaultAuthResponse;
  }

  /** `POST auth/token/revoke-self`: ends the client's own token and all leases that were made with it. The client keeps the dead token. */
  async revokeSelf(): Promise<VaultResponse<null>> {
    return this.#requester.call({ method: 'POST', path: VaultPath.of('auth/token/revoke-self') });
  }

  async #make(end: Parameters<typeof VaultPath.of>, token: VaultTokenRequest): Promise<VaultAuthResponse> {
    const path = VaultPath.of('auth/token', ...end);
    return (await this.#requester.call<null>({ method: 'POST', path, body: toFields(token) })) as VaultAuthResponse;
  }
}
