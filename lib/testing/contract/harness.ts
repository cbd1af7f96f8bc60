import { ok } from 'node:assert/strict';
import { isSecretError } from '../../core/errors/index.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { copyIn } from '../../core/secret/secret-value.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import type { ReadContext, SecretSource } from '../../core/source/secret-source.js';
import { hideInOutput } from '../../core/redaction.js';
import type { MakeSource, Quota, SeedValues, SourcePart, SourceUnderTest } from './source-under-test.js';

const OF_THE_BACKEND = ['rotate', 'remove', 'fail', 'requests', 'throttle'] as const;
const isOfTheBackend = (part: SourcePart): part is (typeof OF_THE_BACKEND)[number] =>
  (OF_THE_BACKEND as readonly string[]).includes(part);

/** One source and its backend, for one test. */
export class Harness {
  private constructor(
    private readonly subject: SourceUnderTest,
    readonly values: SeedValues,
  ) {}

  /** Makes a source that holds the values; they are frozen, so that a source that changes what it is handed fails. */
  static async of(make: MakeSource, values: SeedValues): Promise<Harness> {
    const frozen = Object.freeze(
      Object.fromEntries(Object.entries(values).map(([name, value]) => [name, copyIn(value)])),
    );
    const made = await make(frozen);
    const harness = new Harness('source' in made ? made : { source: made }, frozen);
    try {
      await harness.#seed();
    } catch (error) {
      await harness.dispose();
      throw error;
    }
    return harness;
  }

  get source(): SecretSource {
    return this.subject.source;
  }

  /** A new one for each call, as the core gives it. */
  get context(): ReadContext {
    return { signal: new AbortController().signal };
  }

  get credentials(): readonly string[] {
    return this.subject.credentials ?? [];
  }

  lacks(part: SourcePart): boolean {
    const { source, subject } = this;
    return isOfTheBackend(part) ? !subject[part] : !source[part];
  }

  /** What the source has of these names. Fails where it answers with an error other than "not found". */
  async read(...names: string[]): Promise<Map<string, SecretVersion>> {
    const answer = await this.source.read(Object.freeze(names), this.context);
    const found = new Map<string, SecretVersion>();
    for (const [name, result] of answer) {
      ok(names.includes(name), `it was not asked for "${name}"`);
      if (!isSecretError(result)) found.set(name, result);
      else ok(result.code === 'SECRET_NOT_FOUND', `"${name}" should be there or absent, and is ${result.code}`);
    }
    return found;
  }

  async valueOf(name: string): Promise<SecretValue | undefined> {
    return (await this.read(name)).get(name)?.value;
  }

  /** How often credentials were issued so far. */
  async opened(name: string): Promise<number> {
    const times = await this.subject.opened?.(name);
    ok(times !== undefined, 'the option `dynamic` needs `opened` of what `make` gives');
    return times;
  }

  async rotate(name: string, value: SecretValue): Promise<void> {
    await this.subject.rotate?.(name, value);
  }

  async remove(name: string): Promise<void> {
    await this.subject.remove?.(name);
  }

  /** Gives the secret a value that nobody can take; false where the backend can hold no such thing. */
  async spoil(name: string): Promise<boolean> {
    if (!this.subject.spoil) return false;
    await this.subject.spoil(name);
    return true;
  }

  async fail(): Promise<void> {
    await this.subject.fail?.();
  }

  async recover(): Promise<void> {
    await this.subject.recover?.();
  }

  async requests(): Promise<number> {
    return (await this.subject.requests?.()) ?? 0;
  }

  async throttle(quota: Quota): Promise<void> {
    await this.subject.throttle?.(quota);
  }

  async dispose(): Promise<void> {
    try {
      await this.source.close?.();
    } finally {
      await this.subject.dispose?.();
    }
  }

  async #seed(): Promise<void> {
    if (this.subject.seed) return void (await this.subject.seed(this.values));
    const names = Object.keys(this.values);
    if (names.length === 0 || !this.source.write) return;
    const there = await this.read(...names);
    for (const name of names) if (!there.has(name)) await this.source.write(name, this.values[name]!, this.context);
  }

  static {
    hideInOutput(Harness.prototype, (harness) => `[contract harness of ${harness.source.kind}]`);
  }
}
