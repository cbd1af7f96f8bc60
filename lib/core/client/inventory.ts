import { isSecretError, SecretSourceReadOnlyError } from '../errors/index.js';
import type { TrackedSecret } from '../refresh/tracked-secret.js';
import type { ReadonlySecretValue, SecretValue } from '../secret/secret-value.js';
import { copyIn } from '../secret/secret-value.js';
import { readCell } from '../store/cell.js';
import type { SecretRuntime } from './secret-runtime.js';

type Values = Record<string, ReadonlySecretValue>;

/** What a client asks of a source as a whole: what there is, all of it, all below a path, and writing. */
export class Inventory {
  #fetching: Promise<Values> | undefined;
  /** The secrets of the last full reading, and when it was (monotonic). */
  #last: { readonly names: readonly string[]; readonly at: number } | undefined;

  constructor(private readonly runtime: SecretRuntime) {}

  fetchSecrets(): Promise<Values> {
    const { clock, options } = this.runtime;
    if (this.#last && clock.now() - this.#last.at < options.policy.maxAge) return this.#known(this.#last.names);
    return (this.#fetching ??= this.#fetchAll().finally(() => (this.#fetching = undefined)));
  }

  async getByPath(path: string): Promise<Values> {
    const { source, reader, secrets } = this.runtime;
    if (!source.readPath) return this.#fetchEach(await this.list(path));
    const { covered, error } = await reader.readPath(path, (name) => secrets.obtain(name).entry);
    if (error) throw error;
    return this.#valuesOf([...covered].map((entry) => secrets.of(entry)));
  }

  async exists(name: string): Promise<boolean> {
    const { source, call, secrets, reader } = this.runtime;
    if (source.exists) {
      return call.run(`look for ${name}`, (context) => source.exists!(name, context)).catch(this.#named(name));
    }
    if (source.list) return (await this.list()).includes(name);
    const secret = secrets.obtain(name);
    if (secret.entry.isDynamic) return !secret.entry.gone; // reading it would open it
    await reader.read(secret.entry, true);
    if (secret.entry.failure && !secret.entry.gone) throw secret.entry.failure.error;
    return !secret.entry.gone;
  }

  async list(prefix?: string): Promise<string[]> {
    const { source, call, secrets } = this.runtime;
    if (source.list) return [...(await call.run('list', (context) => source.list!(prefix, context)))];
    const names = source.readAll
      ? [...(await call.run('list', (context) => source.readAll!(context))).keys()]
      : [...secrets].filter(({ entry }) => entry.loaded && !entry.gone).map(({ entry }) => entry.name);
    return [...new Set(names)].filter((name) => prefix === undefined || name.startsWith(prefix));
  }

  async update(name: string, value: SecretValue | object): Promise<void> {
    const { source, call, reader, secrets, connection } = this.runtime;
    const { kind } = source;
    if (!source.write)
      throw new SecretSourceReadOnlyError(undefined, { secretName: name, connection, sourceKind: kind });
    const copy = copyIn(value);
    await call.run('write', (context) => source.write!(name, copy, context)).catch(this.#named(name));
    await reader.read(secrets.obtain(name).entry, true);
  }

  async #fetchAll(): Promise<Values> {
    const { source, secrets, refresher, clock } = this.runtime;
    const { maxAge, maxStale } = this.runtime.options.policy;
    const at = clock.now();
    try {
      const names = new Set<string>();
      if (source.readAll) {
        const regular = [...secrets].filter(({ entry }) => !entry.isDynamic && entry.requested === undefined);
        const { covered, error } = await refresher.enumerate(regular);
        if (error) throw error;
        for (const { name } of covered) names.add(name);
      }
      if (source.list) for (const name of await this.list()) names.add(name);
      if (!source.readAll && !source.list) for (const name of await this.list()) names.add(name);
      const values = await this.#fetchEach([...names], at);
      this.#last = { names: [...names], at };
      return values;
    } catch (error) {
      // Values stay while the source fails, for as long as `maxStale` allows.
      if (this.#last && isSecretError(error) && clock.now() - this.#last.at <= maxAge + maxStale) {
        return this.#known(this.#last.names);
      }
      throw error;
    }
  }

  /** Reads those that were not read since `readBefore`; dynamic ones only where they are not there, or due. */
  async #fetchEach(names: readonly string[], readBefore?: number): Promise<Values> {
    const { secrets, refresher, clock } = this.runtime;
    const wanted = names.map((name) => this.runtime.pin(name));
    const now = clock.now();
    const due = wanted.filter(({ entry }) => {
      if (!entry.loaded) return true;
      if (entry.isDynamic) return entry.isDue(now) || entry.endsAt <= now;
      return readBefore === undefined ? entry.isDue(now) : entry.loaded.loadedAt < readBefore;
    });
    await refresher.readByName(due);
    return this.#valuesOf(wanted.filter(({ entry }) => secrets.of(entry).live.state !== 'missing'));
  }

  async #known(names: readonly string[]): Promise<Values> {
    const secrets = names.map((name) => this.runtime.pin(name));
    for (const secret of secrets) {
      if (secret.live.state === 'ended' || secret.entry.endsAt <= this.runtime.clock.now())
        await this.runtime.settle(secret);
    }
    return this.#valuesOf(secrets.filter(({ live }) => live.state !== 'missing'));
  }

  #valuesOf(secrets: readonly TrackedSecret[]): Values {
    for (const { entry, live } of secrets) if (live.state !== 'loaded' && entry.failure) throw entry.failure.error;
    return Object.fromEntries(
      secrets.map(({ entry, live }) => [entry.name, readCell(live.cell) as ReadonlySecretValue]),
    );
  }

  #named(secretName: string): (error: unknown) => never {
    return (error) => {
      throw isSecretError(error) ? error.located({ secretName }) : error;
    };
  }
}
