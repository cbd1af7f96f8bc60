import { HcpVaultClient } from '../../core/client/hcp-vault-client.js';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { SecretError } from '../../core/errors/index.js';
import { untyped } from '../../core/secret/untyped.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { MemorySource } from '../../sources/memory/index.js';

/** The client of an app under test; typed-test-client.ts has its public face. */
export class HcpVaultTestClient<out C extends string = 'default'> extends HcpVaultClient<C> {
  readonly #runtime: SecretRuntime;
  readonly #source: MemorySource;

  constructor(runtime: SecretRuntime, source: MemorySource) {
    super(runtime);
    this.#runtime = runtime;
    this.#source = source;
  }

  /**
   * Rotates a secret, or adds one. When it resolves, the new value is everywhere: properties, refs, streams, ConfigService; handlers are done
   * and resources swapped. Rejects with the SecretError by which a value was refused.
   */
  async rotate(name: string, value: SecretValue | object): Promise<void> {
    this.#source.rotate(name, value);
    await this.#follow(name);
  }

  /** Takes a secret away at the source: its last value stays in use, as in an app. */
  async remove(name: string): Promise<void> {
    this.#source.remove(name);
    await this.refresh(untyped(name));
  }

  /** From now on the source fails; values stay. `recover()` ends it. */
  fail(error: Error): void {
    this.#source.fail(error);
  }

  recover(): void {
    this.#source.recover();
  }

  async #follow(name: string): Promise<void> {
    const { failed } = await this.refresh(untyped(name));
    const failure: { error: SecretError } | undefined = failed[0];
    if (failure) throw failure.error;
    await this.#runtime.idle();
  }
}
