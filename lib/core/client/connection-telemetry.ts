import { measuredSecrets } from '../observe/measured-state.js';
import type { Audit } from '../observe/audit.js';
import type { Measuring, Telemetry } from '../observe/telemetry.js';
import type { SecretRuntime } from './secret-runtime.js';

/** A connection and who measures or audits it, where somebody does. */
export class ConnectionTelemetry {
  readonly #measuring: Measuring | undefined;
  #audit: Audit | undefined;

  constructor(
    private readonly runtime: SecretRuntime,
    telemetry: Telemetry | undefined,
  ) {
    Object.defineProperty(this, 'runtime', { enumerable: false });
    const { connection, source, clock, observations, secrets, events, calls, resources } = runtime;
    this.#measuring = telemetry?.measure({
      connection,
      source: source.kind,
      clock,
      observe: (observer) => observations.add(observer),
      state: () => ({
        secrets: measuredSecrets(secrets, clock.now()),
        calls: calls.status,
        session: events.session,
        channel: runtime.channel.status,
        resources: resources.statuses,
        isPaused: runtime.control.isPaused,
        caches: runtime.options.sharedCaches.map(({ kind }) => kind),
      }),
    });
  }

  /** Where it is on, from the first load. */
  get audit(): Audit | undefined {
    return this.#audit;
  }

  /** Does the first load, once nothing of it would go unseen. */
  async load(work: () => Promise<void>): Promise<void> {
    const { connection, source, observations, options } = this.runtime;
    if (options.audit) this.#audit ??= await this.#audited();
    await this.#measuring?.ready?.();
    await observations.within(() => ({ kind: 'start', connection, source: source.kind }), work);
  }

  close(): void {
    this.#measuring?.close();
    this.#audit?.close();
  }

  /** Read when it is used: few apps do. */
  async #audited(): Promise<Audit> {
    const { Audit } = await import('../observe/audit.js');
    const { source, clock, secrets, observations, log } = this.runtime;
    const onObserverFailure = log.observerFailed;
    return new Audit({ sourceKind: source.kind, clock, secrets, observations, onObserverFailure });
  }
}
