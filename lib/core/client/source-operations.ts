import {
  isSecretError,
  SecretSourceReadOnlyError,
  SecretSourceUnavailableError,
  type SecretError,
} from '../errors/index.js';
import type { SecretValue } from '../secret/secret-value.js';
import { checkResults } from '../cache/answer.js';
import { anyRules, checkName, mayExist, nameRefusal } from '../secret/secret-name.js';
import { checkTakesCas } from '../source/check-takes-cas.js';
import { copyIn, whoseValue } from '../secret/secret-value.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { SecretRuntime } from './secret-runtime.js';

/** What a refresh did, by names. */
export interface RefreshReport {
  readonly changed: readonly string[];
  readonly unchanged: readonly string[];
  readonly failed: readonly { readonly name: string; readonly error: SecretError }[];
}

const LISTING = { operation: 'list', what: 'list' } as const;

/** What a client asks of a source beside values: what there is, all again, and writing. */
export class SourceOperations {
  constructor(private readonly runtime: SecretRuntime) {}

  async exists(name: string): Promise<boolean> {
    const { source, call, secrets, updater, connection } = this.runtime;
    updater.checkOpen(name);
    if (!mayExist(name, anyRules, { connection, sourceKind: source.kind })) return false;
    if (source.exists) {
      const asked = { operation: 'exists', what: `look for ${name}`, names: [name] } as const;
      return call.run(asked, (context) => source.exists!(name, context)).catch(this.#named(name));
    }
    if (source.list) return (await this.list()).includes(name);
    const state = secrets.obtain(name);
    if (state.isDynamic) return !state.isGone; // reading it would open it
    await updater.readAnew([state]);
    if (state.failure && !state.isGone) throw state.failure.error;
    return !state.isGone;
  }

  async list(prefix?: string): Promise<string[]> {
    const { source, call, secrets, updater } = this.runtime;
    updater.checkOpen();
    if (source.list) return this.#names(await call.run(LISTING, (context) => source.list!(prefix, context)));
    const names = source.readAll
      ? this.#names(
          await call.run({ operation: 'readAll', what: 'list' }, async (context) =>
            checkResults(await source.readAll!(context)).keys(),
          ),
        )
      : [...secrets].filter(({ wasLoaded, isGone }) => wasLoaded && !isGone).map(({ name }) => name);
    return [...new Set(names)].filter((name) => prefix === undefined || name.startsWith(prefix));
  }

  /** @param create see `WriteContext`. */
  async update(name: string, value: SecretValue | object, cas?: string, create?: boolean): Promise<void> {
    const { source, call, updater, secrets, connection, caches } = this.runtime;
    const { kind } = source;
    updater.checkOpen(name);
    if (!source.write)
      throw new SecretSourceReadOnlyError(undefined, { secretName: name, connection, sourceKind: kind });
    checkName(name, anyRules, { connection, sourceKind: kind });
    if (cas !== undefined) checkTakesCas(source, { secretName: name, connection });
    const refusal = create ? source.newNameRefusal?.(name) : undefined;
    if (refusal) throw refusal.located({ secretName: name, connection, sourceKind: kind });
    const copy = copyIn(value, whoseValue('client.update', name));
    this.runtime.store.noteAside(name, copy);
    const asked = { operation: 'write', what: 'write', names: [name] } as const;
    await call
      .run(asked, (context) => source.write!(name, copy, { ...context, cas, ...(create && { create }) }))
      .catch(this.#named(name));
    secrets.forgetMissing(); // its other versions, and what it is a part of, may be there now too
    const state = secrets.obtain(name);
    await updater.readAnew([state]);
    caches.announce(state);
  }

  /** Reads one or all again; dynamic secrets by name, or where due: then what is under way is joined, and what can be extended is. */
  async refresh(name: string | undefined): Promise<RefreshReport> {
    const { secrets, updater, refresher, clock, connection } = this.runtime;
    const { kind: sourceKind } = this.runtime.source;
    const now = clock.now();
    const lastKnown = secrets.made;
    let chosen: SecretState[];
    let before: number[];
    if (name === undefined) {
      secrets.forgetMissing();
      const due: SecretState[] = [];
      const regular: SecretState[] = [];
      for (const state of secrets) {
        if (!state.isDynamic) regular.push(state);
        else if (state.isOutOfDate(now) && !state.isIdle) due.push(state);
      }
      chosen = [...regular, ...due];
      before = chosen.map(revisionOf);
      await Promise.all([updater.isShut ? undefined : refresher.read(regular, 'fresh-if-static'), updater.bring(due)]);
      if (secrets.made > lastKnown) chosen.push(...younger(secrets, lastKnown, chosen));
    } else {
      const error = nameRefusal(name, anyRules, { connection, sourceKind });
      if (error) return { changed: [], unchanged: [], failed: [{ name, error }] };
      chosen = [secrets.obtain(name), ...secrets.otherVersions(name)];
      before = chosen.map(revisionOf);
      await updater.readAnew(chosen);
    }
    const report = {
      changed: [] as string[],
      unchanged: [] as string[],
      failed: [] as { name: string; error: SecretError }[],
    };
    for (const [index, state] of chosen.entries()) {
      const error = updater.isShut ? updater.closedError(state.name) : state.failure?.error;
      if (error) report.failed.push({ name: state.name, error });
      else if (revisionOf(state) === before[index]) report.unchanged.push(state.name);
      else report.changed.push(state.name);
    }
    return report;
  }

  /** Sources are written by others too: what is not a list of names is a failure of the source's. */
  #names(given: unknown): string[] {
    const { connection, source } = this.runtime;
    let cause: unknown;
    try {
      const names = typeof given === 'object' && given !== null ? [...(given as Iterable<unknown>)] : undefined;
      if (names?.every((name) => typeof name === 'string')) return names;
    } catch (error) {
      cause = error;
    }
    const where = { connection, sourceKind: source.kind, cause };
    throw new SecretSourceUnavailableError('the source gave no list of names.', where);
  }

  #named(secretName: string): (error: unknown) => never {
    return (error) => {
      throw isSecretError(error) ? error.located({ secretName }) : error;
    };
  }
}

const revisionOf = ({ live }: SecretState): number => live.revision;

/** Secrets that were found by the refresh; one that was let go and found again meanwhile is there already. */
function younger(secrets: TrackedSecrets, lastKnown: number, known: readonly SecretState[]): SecretState[] {
  const keys = new Set(known.map(({ key }) => key));
  return [...secrets].filter(({ ordinal, key }) => ordinal > lastKnown && !keys.has(key));
}
