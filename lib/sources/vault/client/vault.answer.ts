/** The token that a login or `auth/token/create` issued, in Vault's own words. */
export interface VaultAuth {
  readonly client_token: string;
  readonly accessor: string;
  readonly policies: readonly string[];
  readonly token_policies: readonly string[];
  readonly identity_policies?: readonly string[] | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  /** Seconds; 0 never ends. */
  readonly lease_duration: number;
  readonly renewable: boolean;
  readonly entity_id: string;
  readonly token_type: 'service' | 'batch';
  readonly orphan: boolean;
  readonly num_uses: number;
}

/** Where a response-wrapped answer waits, in Vault's own words. */
export interface VaultWrapInfo {
  readonly token: string;
  readonly accessor: string;
  /** Seconds. */
  readonly ttl: number;
  readonly creation_time: string;
  /** The path whose answer is wrapped: compare it before you trust what is inside. */
  readonly creation_path: string;
  readonly wrapped_accessor?: string;
}

/** Vault's envelope. Plain data, secrets included: it prints as such. */
export interface VaultResponse<T> {
  readonly requestId: string;
  /** Empty where nothing is leased. */
  readonly leaseId: string;
  /** Seconds. */
  readonly leaseDuration: number;
  readonly renewable: boolean;
  /** The endpoint's own answer; null where it gives none (HTTP 204). */
  readonly data: T;
  readonly warnings: readonly string[] | null;
  readonly auth: VaultAuth | null;
  readonly wrapInfo: VaultWrapInfo | null;
}

/** The answer of a login, and of making or renewing a token. */
export interface VaultAuthResponse extends VaultResponse<null> {
  readonly auth: VaultAuth;
}

/** The answer of a call through `withWrapping`. */
export interface VaultWrappedResponse extends VaultResponse<null> {
  readonly wrapInfo: VaultWrapInfo;
}

export interface VaultKeys {
  /** Names; those of folders end with a slash. */
  readonly keys: readonly string[];
}

interface Envelope {
  readonly request_id?: string;
  readonly lease_id?: string;
  readonly lease_duration?: number;
  readonly renewable?: boolean;
  readonly data?: unknown;
  readonly warnings?: string[] | null;
  readonly auth?: VaultAuth | null;
  readonly wrap_info?: VaultWrapInfo | null;
}

/** A body as the envelope that users get. Some `sys` endpoints answer without one: then the whole body is the data. */
export function toResponse<T>(body: unknown): VaultResponse<T> {
  const enveloped = isObject(body) && typeof body['request_id'] === 'string';
  const given: Envelope = enveloped ? body : { data: body };
  return {
    requestId: given.request_id ?? '',
    leaseId: given.lease_id ?? '',
    leaseDuration: given.lease_duration ?? 0,
    renewable: given.renewable ?? false,
    data: (given.data ?? null) as T,
    warnings: given.warnings ?? null,
    auth: given.auth ?? null,
    wrapInfo: given.wrap_info ?? null,
  };
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
