import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { Lease } from '../../core/secret/lease.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import type { ReadContext, SecretSource, Unsubscribe } from '../../core/source/secret-source.js';
import type { SourceEvent } from '../../core/source/source-event.js';
import type { Versions } from './contents.js';
import { contentsOf, holds, namesOf, orNothing } from './contents.js';
import { LeaseOwners } from './lease-owners.js';

type Results = Map<string, SecretVersion | SecretError>;
type Needed<K extends keyof SecretSource> = SecretSource & Required<Pick<SecretSource, K>>;

/**
 * Several sources as one; see `firstOf`. What only some sources can do is there where it makes sense:
 * `write`, `watch`, `observe`, `renew`, `revoke`, `release`, `list` and `readAll` where any can, `readPath` where all can.
 */
export class FirstOfSource implements SecretSource {
  readonly kind: string;
  /** The smallest that any of the sources gives. */
  readonly defaultMaxAge?: number;
  readonly readAll?: (context: ReadContext) => Promise<Versions>;
  readonly readPath?: (path: string, context: ReadContext) => Promise<Versions>;
  readonly list?: (prefix: string | undefined, context: ReadContext) => Promise<readonly string[]>;
  readonly write?: NonNullable<SecretSource['write']>;
  readonly canonicalName?: (name: string) => string;
  readonly renew?: (lease: Lease, context: ReadContext) => Promise<Lease>;
  readonly revoke?: (lease: Lease, context: ReadContext) => Promise<void>;
  readonly release?: (lease: Lease, context: ReadContext) => Promise<void>;
  readonly observe?: (listener: (event: SourceEvent) => void) => Unsubscribe;
  readonly watch?: (onChange: (names?: readonly string[]) => void) => Unsubscribe;
  readonly #sources: readonly SecretSource[];
  readonly #owners = new LeaseOwners();

  constructor(given: readonly SecretSource[]) {
    if (given.length === 0 || !given.every(isSource)) {
      throw new SecretConfigurationError(
        'firstOf takes one or more sources, as in `firstOf(envSource(), memorySource({ … }))`.',
      );
    }
    const sources = [...new Set(given)];
    this.#sources = sources;
    this.kind = `first-of(${sources.map(({ kind }) => kind).join(', ')})`;
    const ages = sources.flatMap(({ defaultMaxAge }) => defaultMaxAge ?? []);
    if (ages.length > 0) this.defaultMaxAge = Math.min(...ages);
    const any = (...keys: (keyof SecretSource)[]): boolean => keys.some((key) => sources.some(can(key)));
    if (any('readAll')) this.readAll = (context) => this.#readAll(context);
    if (sources.every(can('readPath'))) this.readPath = (path, context) => this.#readPath(path, context);
    if (any('list', 'readAll')) this.list = (prefix, context) => this.#list(prefix, context);
    if (any('write'))
      this.write = async (name, value, context) => (await this.#writer(name, context)).write(name, value, context);
    if (any('canonicalName')) this.canonicalName = (name) => this.#canonicalName(name);
    if (any('renew')) this.renew = (lease, context) => this.#owners.renew(lease, context);
    if (any('revoke')) this.revoke = (lease, context) => this.#owners.revoke(lease, context);
    if (any('release')) this.release = (lease, context) => this.#owners.release(lease, context);
    if (any('observe'))
      this.observe = (listener) => subscribe(sources.filter(can('observe')), (s) => s.observe(listener));
    if (any('watch')) this.watch = (onChange) => subscribe(sources.filter(can('watch')), (s) => s.watch(onChange));
  }

  async read(names: readonly string[], context: ReadContext): Promise<Results> {
    const results: Results = new Map();
    let missing = [...new Set(names)];
    for (const source of this.#sources) {
      if (missing.length === 0) break;
      const answer = await this.#ask(source, missing, context, results.size === 0);
      context.progress?.();
      for (const [name, result] of answer) results.set(name, result);
      missing = missing.filter((name) => !answer.has(name));
    }
    return results;
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    for (const source of this.#sources) {
      if (await holds(source, name, context)) return true;
      context.progress?.();
    }
    return false;
  }

  /** Closes all, also where one of them fails; then rejects with the first failure. */
  async close(): Promise<void> {
    const closed = await Promise.allSettled(this.#sources.map(async (source) => source.close?.()));
    for (const end of closed) if (end.status === 'rejected') throw end.reason;
  }

  /** What this source says of these names, without those that it has not. */
  async #ask(
    source: SecretSource,
    names: readonly string[],
    context: ReadContext,
    isFirst: boolean,
  ): Promise<ReadonlyMap<string, SecretVersion | SecretError>> {
    const answer: Results = new Map();
    try {
      for (const [name, result] of await source.read(names, context)) {
        if (!isSecretError(result)) answer.set(name, this.#owners.remember(source, name, result));
        else if (result.code !== 'SECRET_NOT_FOUND') answer.set(name, result.located({ sourceKind: source.kind }));
      }
    } catch (error) {
      context.signal.throwIfAborted();
      if (!isSecretError(error)) throw error;
      if (error.code === 'SECRET_NOT_FOUND') return answer;
      // What another source has given is not lost.
      if (isFirst) throw error.located({ sourceKind: source.kind });
      for (const name of names) answer.set(name, error.located({ secretName: name, sourceKind: source.kind }));
    }
    return answer;
  }

  /** From the last to the first, so that the first wins; a name that an earlier source holds and can't show is left to be read by name. */
  async #readAll(context: ReadContext): Promise<Versions> {
    const merged = new Map<string, SecretVersion>();
    for (const source of [...this.#sources].reverse()) {
      const dynamic = (name: string): boolean => this.#owners.isDynamic(source, name);
      const { values, hidden } = await contentsOf(source, [...merged.keys()], dynamic, context);
      context.progress?.();
      for (const name of hidden) merged.delete(name);
      for (const [name, version] of values) merged.set(name, this.#owners.remember(source, name, version));
    }
    return merged;
  }

  async #readPath(path: string, context: ReadContext): Promise<Versions> {
    const merged = new Map<string, SecretVersion>();
    for (const source of [...this.#sources].reverse().filter(can('readPath'))) {
      const values = await orNothing(source.readPath(path, context), new Map<string, never>());
      context.progress?.();
      for (const [name, version] of values) merged.set(name, this.#owners.remember(source, name, version));
    }
    return merged;
  }

  async #list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    const names = new Set<string>();
    for (const source of this.#sources) {
      for (const name of (await namesOf(source, prefix, context)) ?? []) names.add(name);
      context.progress?.();
    }
    return [...names];
  }

  async #writer(name: string, context: ReadContext): Promise<Needed<'write'>> {
    const writable = this.#sources.filter(can('write'));
    for (const source of writable) if (await holds(source, name, context)) return source;
    return writable[0]!; // `write` is there only where one is
  }

  /** Another spelling only where every source takes both for one: a name that one of them alone knows as another would miss in the rest. */
  #canonicalName(name: string): string {
    const spellings = new Set(this.#sources.map((source) => source.canonicalName?.(name) ?? name));
    const [spelling] = spellings;
    return spellings.size === 1 && spelling !== undefined ? spelling : name;
  }

  static {
    hideInOutput(FirstOfSource.prototype, ({ kind }) => `[secrets ${kind}]`);
  }
}

/** To all of them, or to none. */
function subscribe<S>(sources: readonly S[], to: (source: S) => Unsubscribe): Unsubscribe {
  const ends: Unsubscribe[] = [];
  const end = (): void => ends.splice(0).forEach((stop) => stop());
  try {
    for (const source of sources) ends.push(to(source));
  } catch (error) {
    end();
    throw error;
  }
  return end;
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
