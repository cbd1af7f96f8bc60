import { isObject } from '../vault.answer.js';
import type { VaultError } from '../vault.errors.js';
import { VaultConnectionError, VaultInvalidRequestError } from '../vault.errors.js';
import { segment, VaultPath } from '../vault-path.js';
import { vaultText } from '../vault-texts.js';
import type { VaultRequester } from '../wire/vault.requester.js';

/** What is sent of one item, by itself or within a batch. */
export type TransitItem = Readonly<Record<string, string | number | undefined>>;

export interface TransitCall<R> {
  readonly path: VaultPath;
  /** An item without a context is refused here where others of its batch have one. @default false */
  readonly contextOfAllOrNone?: boolean;
  /** What holds for all items, and stands beside them. */
  readonly common: object;
  /** The answer for one item; undefined where it makes no sense. */
  readonly read: (result: Readonly<Record<string, unknown>>) => R | undefined;
}

/** Of these Vault refuses a whole batch of which some items have a context and some have none. */
const CONTEXT_OF_ALL_OR_NONE = ['encrypt', 'decrypt', 'rewrap'];
const MIXED = 'context should be set either in all the request blocks or in none';

/** The call of a verb with a key. */
export function callOf<R>(
  verb: string,
  key: string,
  mount = 'transit',
  common: object,
  read: TransitCall<R>['read'],
): TransitCall<R> {
  const contextOfAllOrNone = CONTEXT_OF_ALL_OR_NONE.includes(verb);
  return { path: VaultPath.of(mount, verb, segment(key)), contextOfAllOrNone, common, read };
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
  const isMixed = call.contextOfAllOrNone === true && items.some(hasContext);
  const sent = isMixed ? items.filter(hasContext) : items;
  const { data } = await requester.call({
    method: 'POST',
    path: call.path,
    body: { ...call.common, batch_input: sent },
    repeatable: true,
    accepts: (status, answer) => status === 400 && isObject(answer) && resultsIn(answer['data']) !== undefined,
  });
  const results = resultsIn(data);
  if (results?.length !== sent.length) throw senseless(call.path);
  const answers = results.map((result) => failureOf(call.path, result) ?? readOf(call, result));
  if (sent.length === items.length) return answers;
  const given = answers.values();
  return items.map((item) => (hasContext(item) ? given.next().value! : refused(call.path, MIXED)));
}

const hasContext = ({ context }: TransitItem): boolean => context !== undefined && context !== '';

function resultsIn(data: unknown): Record<string, unknown>[] | undefined {
  const results = isObject(data) ? data['batch_results'] : undefined;
  return Array.isArray(results) && results.every(isObject) ? results : undefined;
}

function failureOf(path: VaultPath, result: Record<string, unknown>): VaultError | undefined {
  const { error } = result;
  if (typeof error !== 'string' || error === '') return undefined;
  return refused(path, vaultText(error, path.text));
}

function refused(path: VaultPath, text: string): VaultError {
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
