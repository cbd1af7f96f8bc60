import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import type { HttpResponse } from '../../http/index.js';
import { MERGE_PATCH } from './call-fields.js';
import { VaultPath } from './vault-path.js';
import type { VaultRequest } from './wire/vault.request.js';

/** `LIST` is sent as `GET ?list=true`, for some proxies refuse the verb. */
export type VaultMethod = 'GET' | 'LIST' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface VaultRequestOptions {
  /** Goes behind the path, encoded. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** An object becomes JSON; text and bytes go as they are. */
  readonly body?: object | string | undefined;
  /** Of the body. @default 'application/json'; with PATCH 'application/merge-patch+json' */
  readonly contentType?: string | undefined;
  /** Harmless to send twice, so that it may be tried again. @default true for GET, LIST and DELETE */
  readonly repeatable?: boolean | undefined;
  /** Gives the answer's bytes in place of Vault's envelope. @default false */
  readonly raw?: boolean | undefined;
}

/** An answer as it came. Plain data, secrets included: it prints as such. */
export interface VaultRawAnswer {
  readonly status: number;
  /** E.g. 'application/json'; undefined where the answer names none. */
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

export const REQUEST_OPTIONS: OptionKinds<VaultRequestOptions> = {
  query: 'any',
  body: 'any',
  contentType: 'text',
  repeatable: 'boolean',
  raw: 'boolean',
};

const METHODS: readonly string[] = ['GET', 'LIST', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies VaultMethod[];

/** Throws SecretConfigurationError for a method that is none, VaultInvalidRequestError for a path that could lead elsewhere. */
export function requestOf(
  method: VaultMethod,
  path: string,
  { query, body, contentType, repeatable }: Omit<VaultRequestOptions, 'raw'>,
): VaultRequest {
  if (!METHODS.includes(method)) {
    throw new SecretConfigurationError(`client.request takes one of ${METHODS.join(', ')} first, then the path.`);
  }
  const isList = method === 'LIST';
  return {
    method: isList ? 'GET' : method,
    path: VaultPath.of(path),
    query: isList ? { ...query, list: true } : query,
    body,
    contentType: contentType ?? (method === 'PATCH' ? MERGE_PATCH : undefined),
    repeatable,
  };
}

export const rawAnswerOf = (answer: HttpResponse): VaultRawAnswer => ({
  status: answer.status,
  contentType: answer.header('content-type'),
  body: answer.body,
});
