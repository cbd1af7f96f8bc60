import { Readable } from 'node:stream';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import type { HttpResponse } from '../../http/index.js';
import { MERGE_PATCH } from './call-fields.js';
import { VaultPath } from './vault-path.js';
import type { VaultRequest } from './wire/vault.request.js';

/** `LIST` is sent as `GET ?list=true`, for some proxies refuse the verb. */
export type VaultMethod = 'GET' | 'HEAD' | 'LIST' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

interface AnyRequest {
  /** Goes behind the path, encoded. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /**
   * An object becomes JSON; text and bytes go as they are, and so does a Node stream, as fast as it is taken: a snapshot to restore. A stream can be sent
   * once: such a request is never tried again, follows no redirect, and destroys the stream where it fails.
   */
  readonly body?: object | string | Readable | undefined;
  /** Of the body. @default 'application/json'; with PATCH 'application/merge-patch+json', of a stream 'application/octet-stream' */
  readonly contentType?: string | undefined;
  /** Harmless to send twice, so that it may be tried again. @default true for GET, HEAD, LIST and DELETE */
  readonly repeatable?: boolean | undefined;
}

export interface VaultRequestOptions extends AnyRequest {
  /** Gives the answer's bytes in place of Vault's envelope, up to 32 MiB. @default false */
  readonly raw?: boolean | undefined;
  readonly stream?: false | undefined;
}

export interface VaultStreamOptions extends AnyRequest {
  readonly raw?: never;
  /** Gives the answer when it begins, its bytes as a stream of whatever size: a snapshot. @default false */
  readonly stream: true;
}

/** An answer as it came. Plain data, secrets included: it prints as such. */
export interface VaultRawAnswer {
  readonly status: number;
  /** E.g. 'application/json'; undefined where the answer names none. */
  readonly contentType: string | undefined;
  readonly body: Buffer;
}

export interface VaultStreamAnswer {
  readonly status: number;
  readonly contentType: string | undefined;
  /**
   * Read no faster than it is consumed: read it to its end, or `destroy` it, for it holds a connection until then. It ends with a VaultConnectionError
   * where the answer breaks off, or pauses for longer than `timeout`. Printed it shows nothing.
   */
  readonly body: Readable;
}

export const REQUEST_OPTIONS: OptionKinds<VaultRequestOptions | VaultStreamOptions> = {
  query: 'any',
  body: 'any',
  contentType: 'text',
  repeatable: 'boolean',
  raw: 'boolean',
  stream: 'boolean',
};

const METHODS: readonly string[] = ['GET', 'HEAD', 'LIST', 'POST', 'PUT', 'PATCH', 'DELETE'] satisfies VaultMethod[];

/** Throws SecretConfigurationError for a method that is none, and for two kinds of answer at once, VaultInvalidRequestError for a path that could lead elsewhere. */
export function requestOf(
  method: VaultMethod,
  path: string,
  { query, body, contentType, repeatable, raw, stream }: VaultRequestOptions | VaultStreamOptions,
): VaultRequest {
  if (!METHODS.includes(method)) {
    throw new SecretConfigurationError(`client.request takes one of ${METHODS.join(', ')} first, then the path.`);
  }
  if (raw && stream) {
    throw new SecretConfigurationError('Options "raw" and "stream" of client.request exclude each other.');
  }
  const isStream = body instanceof Readable;
  if (isStream && repeatable) {
    throw new SecretConfigurationError(
      'A body of client.request that is a stream can be sent once: it is not "repeatable".',
    );
  }
  const isList = method === 'LIST';
  return {
    method: isList ? 'GET' : method,
    path: VaultPath.of(path),
    query: isList ? { ...query, list: true } : query,
    body,
    contentType: contentType ?? (isStream ? 'application/octet-stream' : method === 'PATCH' ? MERGE_PATCH : undefined),
    repeatable: isStream ? false : repeatable,
    streamed: stream,
  };
}

export const streamAnswerOf = (answer: HttpResponse): VaultStreamAnswer => ({
  status: answer.status,
  contentType: answer.header('content-type'),
  body: answer.stream!,
});

export const rawAnswerOf = (answer: HttpResponse): VaultRawAnswer => ({
  status: answer.status,
  contentType: answer.header('content-type'),
  body: answer.body,
});
