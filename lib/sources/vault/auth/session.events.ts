import type { Clock } from '../../../core/clock.js';
import { displayed } from '../../../core/clock.js';
import type { SecretError } from '../../../core/errors/index.js';
import type { SourceEvent, SourceEventType } from '../../../core/source/source-event.js';
import { KIND } from '../errors/vault.source.errors.js';

export interface SessionFacts {
  /** On the monotonic clock. */
  readonly endsAt?: number | undefined;
  readonly error?: SecretError | undefined;
  readonly reason?: string | undefined;
  readonly isChosen?: boolean | undefined;
}

export type EmitSessionEvent = (type: SourceEventType, facts: SessionFacts) => void;

/** What becomes of a token, as observers of the source are told. */
export const sessionEvents =
  (emit: (event: SourceEvent) => void, clock: Clock): EmitSessionEvent =>
  (type, { endsAt, error, reason, isChosen }) =>
    emit({
      type,
      source: KIND,
      ...(error && { error }),
      ...(reason !== undefined && { reason }),
      ...(isChosen && { isChosen }),
      expiresAt: endsAt === undefined ? undefined : displayed(endsAt, clock),
    });
