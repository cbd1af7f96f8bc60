import type { SecretEvent } from 'nestjs-hcp-vault';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import type { RuntimeOptions } from '../../../lib/core/client/secret-runtime.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import type { SharedCache } from '../../../lib/core/shared/shared-cache.js';
import type { FakeClock } from '../../support/fake-clock.js';
import { settled } from '../../support/fake-clock.js';
import type { ScriptedSource } from '../../support/scripted-source.js';

/** One of several processes that share caches and a source. */
export function replica(
  sharedCache: SharedCache | readonly SharedCache[],
  backend: Pick<ScriptedSource, 'source'>,
  clock: FakeClock,
  options: Partial<RuntimeOptions> = {},
) {
  const lines: string[] = [];
  const add = (line: string): void => void lines.push(line);
  const logger = { error: add, warn: add, log: add, debug: () => undefined };
  const runtime = new SecretRuntime({
    clock,
    random: () => 0.5,
    logger,
    ...options,
    source: backend.source,
    sharedCache,
  });
  const client = new HcpVaultClient<string>(runtime);
  const events: SecretEvent[] = [];
  client.events$.subscribe((event) => events.push(event));
  client.rotations$.subscribe(() => undefined);
  return {
    lines,
    runtime,
    client,
    events,
    statusOf: (name: string) => client.status().find((status) => status.name === name),
    told: (type: SecretEvent['type']) => events.filter((event) => event.type === type),
    /** Resolves when it has started; moves the clock on where it waits. */
    async start(names: readonly string[], preload: 'decorated' | 'all' = 'decorated') {
      const requirements = names.map((name) => ({ name, need: 'required' }) as const);
      const starting = runtime.bootstrap(requirements, preload);
      let isOver = false;
      const over = starting.finally(() => (isOver = true));
      over.catch(() => undefined);
      await settled(20);
      for (let passed = 0; passed < 120 && !isOver; passed += 1) await clock.advance(500);
      await over;
      runtime.start();
      await settled(20);
    },
    async close() {
      const closing = runtime.shutdown();
      await settled(20);
      await clock.advance(10_000);
      await closing;
    },
  };
}

export type Replica = ReturnType<typeof replica>;
