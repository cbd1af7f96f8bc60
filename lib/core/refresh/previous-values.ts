import type { SourceCall } from '../cache/source-call.js';
import type { ValueValidation } from '../cache/value-validation.js';
import type { Clock } from '../clock.js';
import { isSecretVersion } from '../secret/secret-version.js';
import type { ReadContext } from '../source/secret-source.js';
import type { LiveStore } from '../store/live-store.js';
import type { SecretState } from '../tracking/secret-state.js';
import { isSameValue } from '../secret/same-value.js';

/**
 * Brings in, at start, the value that a secret had before the current one, where the source has it and somebody accepts it still.
 * A source that has none, or fails, costs nothing: then only the current value is accepted, as without an overlap.
 */
export class PreviousValues {
  constructor(
    private readonly call: SourceCall,
    private readonly validation: ValueValidation,
    private readonly clock: Clock,
    private readonly store: Pick<LiveStore, 'noteAside'>,
  ) {}

  async adoptAll(states: Iterable<SecretState>): Promise<void> {
    const accepted = [...states].filter(({ live }) => live.retention > 0);
    await Promise.all(accepted.map((state) => this.adopt(state)));
  }

  async adopt(state: SecretState): Promise<void> {
    const { source } = this.call;
    const { live, facts } = state;
    const { retention } = live;
    if (retention === 0 || !facts || facts.lease || state.requested !== undefined) return;
    const version = source.previousVersion?.(facts.given.version);
    if (version === undefined) return;
    // Known since when the current value is there, the overlap may be over; unknown, it begins now.
    const { createdAt } = facts.given;
    const age = createdAt ? Math.max(0, this.clock.wall() - createdAt.getTime()) : 0;
    if (age > retention) return;
    try {
      const read = (context: ReadContext): ReturnType<typeof source.read> => source.read([state.name], context);
      const asked = { operation: 'read', what: 'read the previous version', names: [state.name] } as const;
      const answer = await this.call.run(asked, read, { version });
      const previous = answer.get(state.name);
      if (!isSecretVersion(previous)) return;
      const validated = await this.validation.validate(state, previous.value);
      // Equal: the version before of a document may have changed another of its fields.
      if ('rejected' in validated || isSameValue(validated.accepted, live.current?.value)) return;
      this.store.noteAside(state.name, validated.accepted);
      live.replaced.adopt(validated.accepted, previous.version, this.clock.now() - age);
    } catch {
      // As if there were none: the start must not fail for an old value.
    }
  }
}
