import { answerFrom, checkResults } from '../../core/cache/answer.js';
import type { AskedSource } from './asked-source.js';
import type { SecretError } from '../../core/errors/index.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { fingerprint } from '../../core/secret/fingerprint.js';
import { withJsonParsed } from '../../core/secret/json.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { inParallel } from '../../core/source/in-parallel.js';

/** What a source holds under one name. */
export type Held =
  | { readonly kind: 'value'; readonly held: HeldValue }
  /** Reading it would issue new credentials. */
  | { readonly kind: 'dynamic' }
  | { readonly kind: 'failed'; readonly error: SecretError };

export type Contents = ReadonlyMap<string, Held>;

/** A value with its fingerprint, under a key of this process: equal values show equal ones, and nothing else can be told from them. */
export class HeldValue {
  readonly #value: SecretValue;
  readonly #fingerprint: string;

  private constructor(value: SecretValue) {
    this.#value = value;
    // A document is the same whether a source gives it as text or as an object.
    this.#fingerprint = fingerprint(withJsonParsed(value));
  }

  static of(value: SecretValue): HeldValue {
    return new HeldValue(value);
  }

  get value(): SecretValue {
    return this.#value;
  }

  isSameAs(other: HeldValue): boolean {
    return this.#fingerprint === other.#fingerprint;
  }

  static {
    hideInOutput(HeldValue.prototype, () => '[secret value]');
  }
}

/** Names in one call of `read`, so that progress is seen, and no call is of thousands. */
const BATCH = 100;
/** Questions whether a name is there, at a time. */
const AT_A_TIME = 8;

/**
 * All that a source holds whose names begin with a text, by name. What is dynamic is named and not opened: it is in the list and not in what may be read
 * as a whole. Rejects where the source can't be enumerated, or fails as a whole.
 */
export async function contentsOf(call: AskedSource, prefix = ''): Promise<Contents> {
  const { source } = call;
  const contents = new Map<string, Held>();
  const names = source.list
    ? [...new Set(await call.run('list', (context) => source.list!(prefix, context)))]
    : undefined;
  const whole = await wholeOf(call, prefix);
  if (whole) {
    for (const name of whole.keys()) if (name.startsWith(prefix)) enter(contents, name, () => whole.get(name));
    const others = names?.filter((name) => name.startsWith(prefix) && !whole.has(name)) ?? [];
    await enterUnread(contents, others, call);
  } else if (names) {
    await readInto(contents, names, call);
  } else {
    const advice = 'Give another source, or name what it holds.';
    throw new SecretConfigurationError('it can’t say what it holds.', { sourceKind: source.kind, advice });
  }
  return contents;
}

/**
 * What a source holds under these names; what is not there is not in the answer. Nothing dynamic is opened: a source that may hold such is read as a
 * whole, which opens none.
 */
export async function heldUnder(call: AskedSource, names: readonly string[]): Promise<Contents> {
  const { source } = call;
  const contents = new Map<string, Held>();
  if (names.length === 0) return contents;
  if (!source.readAll) {
    await readInto(contents, names, call);
    return contents;
  }
  const whole = checkResults(await call.run('readAll', (context) => source.readAll!(context)));
  for (const name of names) if (whole.has(name)) enter(contents, name, () => whole.get(name));
  await enterUnread(
    contents,
    names.filter((name) => !whole.has(name)),
    call,
  );
  return contents;
}

async function wholeOf(call: AskedSource, prefix: string): Promise<ReadonlyMap<string, unknown> | undefined> {
  const { source } = call;
  const folder = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  if (folder !== '' && source.readPath) {
    return checkResults(await call.run('readPath', (context) => source.readPath!(folder, context)));
  }
  return source.readAll && checkResults(await call.run('readAll', (context) => source.readAll!(context)));
}

async function readInto(contents: Map<string, Held>, names: readonly string[], call: AskedSource): Promise<void> {
  const { source } = call;
  for (let start = 0; start < names.length; start += BATCH) {
    const some = names.slice(start, start + BATCH);
    const found = checkResults(await call.run('read', (context) => source.read(some, context)));
    for (const name of some) enter(contents, name, () => found.get(name));
  }
}

/** Those that a reading of the whole leaves out are dynamic, or were deleted, or can't be named so. */
async function enterUnread(contents: Map<string, Held>, names: readonly string[], call: AskedSource): Promise<void> {
  const { source } = call;
  if (!source.exists) return;
  await inParallel(names, AT_A_TIME, async (name) => {
    try {
      const isThere = await call.run('exists', (context) => source.exists!(name, context));
      if (isThere) contents.set(name, { kind: 'dynamic' });
    } catch (error) {
      contents.set(name, { kind: 'failed', error: call.translate(error, 'exists', name) });
    }
  });
}

function enter(contents: Map<string, Held>, name: string, resultOf: () => unknown): void {
  const answer = answerFrom(resultOf, undefined);
  if (answer.kind === 'failed')
    contents.set(name, { kind: 'failed', error: answer.error.located({ secretName: name }) });
  if (answer.kind !== 'value') return;
  const { given } = answer;
  contents.set(name, given.lease ? { kind: 'dynamic' } : { kind: 'value', held: HeldValue.of(given.value) });
}
