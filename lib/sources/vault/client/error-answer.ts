import { retryAfterOf } from '../../http/index.js';
import { dateOf } from './foreign-numbers.js';
import { isObject } from './vault.answer.js';
import type { VaultErrorDetails, VaultVersionState } from './vault.errors.js';
import {
  VaultError,
  VaultForbiddenError,
  VaultInvalidPathError,
  VaultInvalidRequestError,
  VaultNotInitializedError,
  VaultRateLimitError,
  VaultSealedError,
  VaultServerError,
  VaultUnauthorizedError,
} from './vault.errors.js';
import type { HttpResponse } from '../../http/index.js';
import { vaultText } from './vault-texts.js';

const MOST_TEXTS = 20;

/** The error that an answer stands for. */
export function toVaultError(call: string, path: string, answer: HttpResponse): VaultError {
  const { status } = answer;
  const body = bodyOf(answer);
  const errors = texts(body?.['errors'], path);
  const warnings = texts(body?.['warnings'], path);
  const metadata = status === 404 ? versionState(body) : undefined;
  const said = [...errors, ...warnings].map((text) => text.replace(/\s+/g, ' ').trim()).join('; ');
  const told = metadata ? gone(metadata) : said || unspoken(answer, body);
  const message = `Vault: ${call} ${path}: HTTP ${status}: ${told}`;
  const details: VaultErrorDetails = { status, errors, warnings, path, call, isForeign: !isVaultsOwn(body) };
  switch (status) {
    case 400:
      return new VaultInvalidRequestError(message, details);
    case 401:
      return new VaultUnauthorizedError(message, details);
    case 403:
      return new VaultForbiddenError(message, details);
    case 404:
      return new VaultInvalidPathError(message, { ...details, metadata });
    case 429: {
      const retryAfter = retryAfterOf(answer.header('retry-after'), answer.header('date'));
      return new VaultRateLimitError(message, { ...details, retryAfter });
    }
    case 501:
      return new VaultNotInitializedError(message, details);
    case 503:
      return new VaultSealedError(message, details);
    default:
      return status >= 500 ? new VaultServerError(message, details) : new VaultError(message, details);
  }
}

/** Vault's errors have a list of texts; what is not there may come with its metadata, or warnings. */
const isVaultsOwn = (body: Record<string, unknown> | undefined): boolean =>
  body !== undefined && (Array.isArray(body['errors']) || 'data' in body || 'warnings' in body);

function bodyOf(answer: HttpResponse): Record<string, unknown> | undefined {
  try {
    const body: unknown = JSON.parse(answer.text());
    return isObject(body) ? body : undefined;
  } catch {
    return undefined; // a proxy's page: nothing of it may go into an error
  }
}

function texts(list: unknown, path: string): string[] {
  if (!Array.isArray(list)) return [];
  return list
    .filter((text) => typeof text === 'string')
    .slice(0, MOST_TEXTS)
    .map((text) => vaultText(text, path));
}

/** A deleted or destroyed version of a KV v2 secret answers 404 with its metadata, and `data: null` (api-docs/secret/kv/kv-v2#read-secret-version). */
function versionState(body: Record<string, unknown> | undefined): VaultVersionState | undefined {
  const data = body?.['data'];
  const given = isObject(data) ? data['metadata'] : undefined;
  if (!isObject(given) || !Number.isSafeInteger(given['version'])) return undefined;
  // Written again: an answer may have any text in their place.
  const time = (value: unknown): string => (typeof value === 'string' && dateOf(value)?.toISOString()) || '';
  return {
    version: given['version'] as number,
    created_time: time(given['created_time']),
    deletion_time: time(given['deletion_time']),
    destroyed: given['destroyed'] === true,
  };
}

function gone({ version, destroyed, deletion_time: at }: VaultVersionState): string {
  return destroyed ? `version ${version} is destroyed` : `version ${version} was deleted${at && ` at ${at}`}`;
}

function unspoken({ status, body: bytes }: HttpResponse, body: object | undefined): string {
  if (status === 404 && body) return 'nothing there';
  if (body) return 'Vault says no more';
  // Vault itself answers so where a secret is patched that is not there, and so does many a gateway.
  if (bytes.length === 0) return 'the answer is empty';
  return 'the answer is none of Vault’s own; is something else in its place?';
}
