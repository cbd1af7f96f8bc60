import { isObject } from '../vault.answer.js';
import type { VaultError } from '../vault.errors.js';
import { VaultConnectionError, VaultInvalidRequestError } from '../vault.errors.js';
import type { VaultPath } from '../vault-path.js';
import { vaultText } from '../vault-texts.js';
import type { VaultRequester } from '../wire/vault.requester.js';

/** What is sent of one item, alone or within a batch. */
export type TransitItem = Readonly<Record<string, string | number | undefined>>;

export interface TransitCall<R> {
  readonly path: VaultPath;
  /** What holds for all items, and stands beside them. */
  readonly common: object;
  /** The answer for one item; undefined where it makes no sense. */
  readonly read: (result: Readonly<Record<string, unknown>>) => R | undefined;
}

/** Transit changes nothing at the server, so that a failed call may be repeated, and its answer is never wrapped. */
export async function single<R>(requester: VaultRequester, call: TransitCall<R>, item: TransitItem): Promise<R> {
  refuseWrapping(requester, call.path);
  const body = { ...call.common, ...item };
  const { data } = await requester.call({ method: 'POST', path: call.path, body, repeatable: true });
  return readOf(call, data);
}

/** A list of items in one request; an item that failed is an error in its place, and harms no other. */
export async function batch<R>(
  requester: VaultRequester,
  call: TransitCall<R>,
  items: readonly TransitItem[],
): Promise<(R | VaultError)[]> {
  refuseWrapping(requester, call.path);
  if (items.length === 0) return [];
  const { data } = await requester.call({
    method: 'POST',
    path: call.path,
    body: { ...call.common, batch_input: items },
    repeatable: true,
    accepts: (status, answer) => status === 400 && isObject(answer) && resultsIn(answer['data']) !== undefined,
  });
  const results = resultsIn(data);
  if (results?.length !== items.length) throw senseless(call.path);
  return results.map((result) => failureOf(call.path, result) ?? readOf(call, result));
}

function resultsIn(data: unknown): Record<string, unknown>[] | undefined {
  const results = isObject(data) ? data['batch_results'] : undefined;
  return Array.isArray(results) && results.every(isObject) ? results : undefined;
}

function failureOf(path: VaultPath, result: Record<string, unknown>): VaultError | undefined {
  const { error } = result;
  if (typeof error !== 'string' || error === '') return undefined;
  const text = vaultText(error, path.text);
  return new VaultInvalidRequestError(`Vault: POST ${path.text}: an item of the batch: ${text}`, {
    status: 400,
    errors: [text],
    path: path.text,
  });
}

function readOf<R>(call: TransitCall<R>, data: unknown): R {
  const result = isObject(data) ? call.read(data) : undefined;
  if (result === undefined) throw senseless(call.path);
  return result;
}

function senseless(path: VaultPath): VaultConnectionError {
  return new VaultConnectionError(`Vault: POST ${path.text}: the answer is not what transit answers.`, {
    path: path.text,
    effect: 'possible',
  });
}

/** A wrapped answer has no data, and so nothing that these typed calls could give. */
function refuseWrapping(requester: VaultRequester, path: VaultPath): void {
  if (requester.wrapTtl === undefined) return;
  throw new VaultInvalidRequestError(
    `Vault: ${path.text} is not sent: through \`withWrapping\`, call \`write('${path.text}', …)\` in place of the typed transit call.`,
    { status: 400, path: path.text },
  );
}
