import type { SecretEvent, SecretRotatedEvent } from 'nestjs-hcp-vault';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import type { RuntimeOptions } from '../../lib/core/client/secret-runtime.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { FakeClock } from './fake-clock.js';
import { Readers } from './readers.js';
import type { ScriptedOptions } from './scripted-source.js';
import { ScriptedSource } from './scripted-source.js';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;

/** A connection to a scripted source under virtual time, with all that it told. Chance is always one half, but where a test gives another. */
export function scripted(
  options: Partial<RuntimeOptions> & { readonly source?: never } = {},
  about: ScriptedOptions = {},
) {
  const clock = new FakeClock();
  const backend = new ScriptedSource(clock, about);
  const lines: string[] = [];
  const add = (line: string): void => void lines.push(line);
  const logger = { error: add, warn: add, log: add, debug: () => undefined };
  const runtime = new SecretRuntime({ clock, random: () => 0.5, logger, ...options, source: backend.source });
  const client = new HcpVaultClient(runtime);
  const events: SecretEvent[] = [];
  const rotations: SecretRotatedEvent[] = [];
  client.events$.subscribe((event) => events.push(event));
  if (about.isHeard !== false) client.rotations$.subscribe((event) => rotations.push(event));
  const readers = new Readers(clock, runtime, client);
  return {
    clock,
    backend,
    lines,
    runtime,
    client,
    events,
    rotations,
    readers,
    /** Times at which something was told, e.g. `told('ended')`. */
    told: (type: SecretEvent['type'], name?: string) =>
      events.filter((event) => event.type === type && (name === undefined || event.name === name)),
    statusOf: (name: string) => client.status().find((status) => status.name === name),
    async start(...names: string[]) {
      await runtime.bootstrap(
        names.map((name) => ({ name, need: 'required' }) as const),
        'decorated',
      );
      runtime.start();
    },
  };
}
