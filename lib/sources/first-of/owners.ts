import { SecretConfigurationError } from '../../core/errors/index.js';
import type { Lease } from '../../core/secret/lease.js';
import type { SecretVersion } from '../../core/secret/secret-version.js';
import type { ReadContext, SecretSource } from '../../core/source/secret-source.js';

/**
 * Which source has which name, and issued which lease: only that one can renew or revoke it. Leases that nobody holds any more are forgotten.
 */
export class Owners {
  readonly #byName = new Map<string, SecretSource>();
  readonly #byLease = new WeakMap<Lease, SecretSource>();
  readonly #dynamic = new WeakMap<SecretSource, Set<string>>();

  remember(source: SecretSource, name: string, version: SecretVersion): SecretVersion {
    this.#byName.set(name, source);
    if (version.lease) {
      this.#byLease.set(version.lease, source);
      this.#dynamic.set(source, (this.#dynamic.get(source) ?? new Set()).add(name));
    }
    return version;
  }

  /** Who has given the value of a name last. */
  giverOf(name: string): SecretSource | undefined {
    return this.#byName.get(name);
  }

  /** Whether a reading of this name has issued credentials before: then it isn't done unasked. */
  isDynamic(source: SecretSource, name: string): boolean {
    return this.#dynamic.get(source)?.has(name) ?? false;
  }

  async renew(lease: Lease, context: ReadContext): Promise<Lease> {
    const source = this.#ownerOf(lease);
    if (!source.renew) throw new SecretConfigurationError(`the source ${source.kind} renews no leases.`);
    const renewed = await source.renew(lease, context);
    this.#byLease.set(renewed, source);
    return renewed;
  }

  async revoke(lease: Lease, context: ReadContext): Promise<void> {
    await this.#ownerOf(lease).revoke?.(lease, context); // a lease that can't be revoked runs to its own end
  }

  /** Where the issuer ends no replaced leases, this one runs to its own end. */
  async release(lease: Lease, context: ReadContext): Promise<void> {
    await this.#ownerOf(lease).release?.(lease, context);
  }

  #ownerOf(lease: Lease): SecretSource {
    const source = this.#byLease.get(lease);
    if (source) return source;
    throw new SecretConfigurationError('the lease was issued by none of the sources of firstOf.');
  }
}
