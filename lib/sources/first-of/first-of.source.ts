import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { Lease } from '../../core/secret/lease.js';
import { anyRules, usableNames } from '../../core/secret/secret-name.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import { placesOf } from '../../core/source/places.js';
import type {
  PathContext,
  ReadContext,
  SecretPlace,
  SecretSource,
  Unsubscribe,
  WriteContext,
} from '../../core/source/secret-source.js';
import { checkTakesCas } from '../../core/source/check-takes-cas.js';
import { isUsed } from '../../core/source/source-users.js';
import type { SourceEvent } from '../../core/source/source-event.js';
import { CombinedWatch, subscribe } from './combined-watch.js';
import type { Results } from './contents.js';
import { contentsOf, holds, isNotFound, listed, orNothing, present } from './contents.js';
import { Owners } from './owners.js';

type Needed<K extends keyof SecretSource> = SecretSource & Required<Pick<SecretSource, K>>;

/**
 * Several sources as one; see `firstOf`. What only some sources can do is there where it makes sense:
 * `write`, `watch`, `covers`, `observe`, `startUp`, `namesOf`, `renew`, `revoke`, `release`, `list` and `readAll` where any can,
 * `readPath` where all can.
 */
export class FirstOfSource implements SecretSource {
  readonly kind: string;
  /** The smallest that any of the sources gives. */
  readonly defaultMaxAge?: number;
  /** Where all of the sources may be absent. */
  readonly optional: boolean;
  /** False where any of the sources is a whole account: then all of them together are never read as a whole. */
  readonly isBounded: boolean;
  /** Where any that can be written holds `cas` against the current version; a write that goes to another is refused. */
  readonly takesCas: boolean;
  readonly readAll?: (context: ReadContext) => Promise<Results>;
  readonly readPath?: (path: string, context: PathContext) => Promise<Results>;
  readonly list?: (prefix: string | undefined, context: ReadContext) => Promise<readonly string[]>;
  readonly write?: NonNullable<SecretSource['write']>;
  readonly canonicalName?: (name: string) => string;
  readonly renew?: (lease: Lease, context: ReadContext) => Promise<Lease>;
  readonly revoke?: (lease: Lease, context: ReadContext) => Promise<void>;
  readonly release?: (lease: Lease, context: ReadContext) => Promise<void>;
  readonly observe?: (listener: (event: SourceEvent) => void) => Unsubscribe;
  readonly watch?: (onChange: ChangeListener) => Unsubscribe | Promise<Unsubscribe>;
  readonly startUp?: () => () => void;
  readonly namesOf?: (announced: string) => readonly string[];
  readonly parts: readonly SecretSource[];
  readonly #owners = new Owners();

  constructor(given: readonly SecretSource[]) {
    if (given.length === 0 || !given.every(isSource)) {
      throw new SecretConfigurationError(
        'firstOf takes one or more sources, as in `firstOf(envSource(), memorySource({ … }))`.',
      );
    }
    const sources = [...new Set(given)];
    this.parts = sources;
    Object.defineProperty(this, 'parts', { enumerable: false });
    this.optional = sources.every(({ optional }) => optional === true);
    this.isBounded = sources.every(({ isBounded }) => isBounded !== false);
    this.takesCas = sources.some((source) => can('write')(source) && source.takesCas === true);
    this.kind = `first-of(${sources.map(({ kind }) => kind).join(', ')})`;
    const ages = sources.flatMap(({ defaultMaxAge }) => defaultMaxAge ?? []);
    if (ages.length > 0) this.defaultMaxAge = Math.min(...ages);
    const any = (...keys: (keyof SecretSource)[]): boolean => keys.some((key) => sources.some(can(key)));
    if (any('readAll')) this.readAll = (context) => this.#readAll(context);
    if (sources.every(can('readPath'))) this.readPath = (path, context) => this.#readPath(path, context);
    if (any('list', 'readAll')) this.list = (prefix, context) => this.#list(prefix, context);
    if (any('write')) this.write = (name, value, context) => this.#write(name, value, context);
    if (any('canonicalName')) this.canonicalName = (name) => this.#canonicalName(name);
    if (any('renew')) this.renew = (lease, context) => this.#owners.renew(lease, context);
    if (any('revoke')) this.revoke = (lease, context) => this.#owners.revoke(lease, context);
    if (any('release')) this.release = (lease, context) => this.#owners.release(lease, context);
    if (any('observe'))
      this.observe = (listener) => subscribe(sources.filter(can('observe')), (s) => s.observe(listener));
    if (any('startUp')) this.startUp = () => subscribe(sources.filter(can('startUp')), (s) => s.startUp());
    if (any('watch')) this.watch = (onChange) => CombinedWatch.of(sources.filter(can('watch')), onChange);
    if (any('namesOf')) this.namesOf = (announced) => this.#namesOf(announced);
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results = new Map<string, SecretVersion | SecretError>();
    let missing = usableNames(names, anyRules, results, { sourceKind: this.kind });
    const refused = results.size;
    for (const source of this.parts) {
      if (missing.length === 0) break;
      const answer = await this.#ask(source, missing, context, results.size === refused);
      context.progress?.();
      for (const [name, result] of answer) results.set(name, result);
      missing = missing.filter((name) => !answer.has(name));
    }
    return results;
  }

  /** Where none that can end a lease does so when it closes. */
  get keepsLeases(): boolean {
    const ending = this.parts.filter(can('revoke'));
    return ending.length > 0 && ending.every((source) => source.keepsLeases === true);
  }

  /** As the source that has it; of a name that nobody has given yet, where all tell of what comes. */
  covers(name: string): boolean {
    const giver = this.#owners.giverOf(name);
    const asked = giver ? [giver] : this.parts;
    return asked.every((source) => can('watch')(source) && (source.covers?.(name) ?? true));
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    for (const source of this.parts) {
      if (await holds(source, name, context)) return true;
      context.progress?.();
    }
    return false;
  }

  /** In their order; what can't say where it looks is asked for the name itself. */
  describe(name: string): readonly SecretPlace[] {
    return this.parts.flatMap((source) => placesOf(source, name));
  }

  /** Closes all that nobody else uses, also where one of them fails; then rejects with the first failure. */
  async close(): Promise<void> {
    const unused = this.parts.filter((source) => !isUsed(source));
    const closed = await Promise.allSettled(unused.map(async (source) => source.close?.()));
    for (const end of closed) if (end.status === 'rejected') throw end.reason;
  }

  /** What this source says of these names, without those that it has not. */
  async #ask(source: SecretSource, names: readonly string[], context: ReadContext, isFirst: boolean): Promise<Results> {
    try {
      return this.#remembered(source, await orNothing(source, source.read(names, context), new Map<string, never>()));
    } catch (error) {
      context.signal.throwIfAborted();
      // What another source has given is not lost.
      if (isFirst || !isSecretError(error)) throw error;
      return new Map(names.map((name) => [name, failureOf(error, name, source)]));
    }
  }

  #remembered(source: SecretSource, answer: Results): Results {
    return new Map(
      [...present(answer)].map(([name, result]) => [
        name,
        isSecretError(result)
          ? result.located({ sourceKind: source.kind })
          : this.#owners.remember(source, name, result),
      ]),
    );
  }

  /** From the last to the first, so that the first wins; a name that an earlier source holds and can't show is left to be read by name. */
  async #readAll(context: ReadContext): Promise<Results> {
    const merged = new Map<string, SecretVersion | SecretError>();
    for (const source of [...this.parts].reverse()) {
      const dynamic = (name: string): boolean => this.#owners.isDynamic(source, name);
      const { values, hidden } = await contentsOf(source, [...merged.keys()], dynamic, context);
      context.progress?.();
      for (const name of hidden) merged.delete(name);
      for (const [name, result] of this.#remembered(source, values)) merged.set(name, result);
    }
    return merged;
  }

  async #readPath(path: string, context: PathContext): Promise<Results> {
    const merged = new Map<string, SecretVersion | SecretError>();
    for (const source of [...this.parts].reverse().filter(can('readPath'))) {
      const values = await orNothing(source, source.readPath(path, context), new Map<string, never>());
      context.progress?.();
      for (const [name, result] of this.#remembered(source, values)) merged.set(name, result);
    }
    return merged;
  }

  async #list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const source of this.parts) {
      for (const name of (await listed(source, prefix, context)) ?? []) names.add(name);
      context.progress?.();
    }
    return [...names];
  }

  async #write(name: string, value: SecretValue, context: WriteContext): Promise<void> {
    const source = await this.#writer(name, context);
    if (context.cas !== undefined) checkTakesCas(source, { secretName: name });
    return source.write(name, value, context);
  }

  async #writer(name: string, context: ReadContext): Promise<Needed<'write'>> {
    const writable = this.parts.filter(can('write'));
    for (const source of writable) if (await holds(source, name, context)) return source;
    return writable[0]!; // `write` is there only where one is
  }

  /** To a source that translates nothing, what is announced is a name. */
  #namesOf(announced: string): readonly string[] {
    return [...new Set(this.parts.flatMap((source) => source.namesOf?.(announced) ?? [announced]))];
  }

  /** Another spelling only where every source takes both for one: a name that only one of them knows as another would miss in the rest. */
  #canonicalName(name: string): string {
    const spellings = new Set(this.parts.map((source) => source.canonicalName?.(name) ?? name));
    const [spelling] = spellings;
    return spellings.size === 1 && spelling !== undefined ? spelling : name;
  }

  static {
    hideInOutput(FirstOfSource.prototype, ({ kind }) => `[secrets ${kind}]`);
  }
}

/**
 * A failure of the whole, told of one name. That the whole is not found must not look like an answer about the name: it
 * may be there, and is what readers
 * are to keep.
 */
function failureOf(error: SecretError, secretName: string, { kind }: SecretSource): SecretError {
  if (!isNotFound(error)) return error.located({ secretName });
  return new SecretConfigurationError(`${kind} is not there as a whole: ${error.reason}`, {
    secretName,
    sourceKind: kind,
    advice: error.advice,
    cause: error,
  });
}

const can =
  <K extends keyof SecretSource>(key: K) =>
  (source: SecretSource): source is Needed<K> =>
    typeof source[key] === 'function';

function isSource(source: unknown): boolean {
  if (typeof source !== 'object' || source === null) return false;
  const { kind, read } = source as Partial<SecretSource>;
  return typeof kind === 'string' && typeof read === 'function';
}
