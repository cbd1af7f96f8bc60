import { measuredSecrets } from '../observe/measured-state.js';
import type { Measuring, Telemetry } from '../observe/telemetry.js';
import type { SecretRuntime } from './secret-runtime.js';

/** A connection and who measures it, where somebody does. */
export class ConnectionTelemetry {
  readonly #measuring: Measuring | undefined;

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

  /** Does the first load, once nothing of it would go unseen. */
  async load(work: () => Promise<void>): Promise<void> {
    const { connection, source, observations } = this.runtime;
    await this.#measuring?.ready?.();
    await observations.within(() => ({ kind: 'start', connection, source: source.kind }), work);
  }

  close(): void {
    this.#measuring?.close();
  }
}
