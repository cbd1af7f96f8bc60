import type { SourceCall } from '../cache/source-call.js';
import type { Clock } from '../clock.js';
import { isSecretError } from '../errors/index.js';
import type { TrackedSecret } from './tracked-secret.js';

/**
 * Brings in, at start, the value that a secret had before the current one, where the source has it and somebody accepts it still.
 * A source that has none, or fails, costs nothing: then only the current value is accepted, as without an overlap.
 */
export class PreviousValues {
  constructor(
    private readonly call: SourceCall,
    private readonly clock: Clock,
  ) {}

  async adopt({ entry, live }: TrackedSecret): Promise<void> {
    const { source } = this.call;
    const { retention } = live.replaced;
    const { loaded } = entry;
    if (retention === 0 || !loaded || loaded.lease || entry.requested !== undefined) return;
    const version = source.previousVersion?.(loaded.version);
    if (version === undefined) return;
    // Known since when the current value is there, the overlap may be over; unknown, it begins now.
    const age = loaded.createdAt ? Math.max(0, this.clock.wall() - loaded.createdAt.getTime()) : 0;
    if (age > retention) return;
    try {
      const answer = await this.call.run(
        'read the previous version',
        (context) => source.read([entry.name], context),
        version,
      );
      const previous = answer.get(entry.name);
      if (!previous || isSecretError(previous)) return;
      const facts = { value: previous.value, version: previous.version, loadedAt: this.clock.wall() };
      live.replaced.adopt(facts, this.clock.now() - age);
    } catch {
      // As if there were none: the start must not fail for an old value.
    }
  }
}
