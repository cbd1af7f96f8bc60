import type { SourceCall } from '../cache/source-call.js';
import type { Clock } from '../clock.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import { settledWithin } from '../rotation/settled-within.js';
import type { Lease } from '../secret/lease.js';
import { isUsed } from '../source/source-users.js';

/** Milliseconds for openings under way, as many for ending leases, and as many for closing the source, when the app goes down. */
export const BOUND = 2_500;

const ASKED = { operation: 'revoke', what: 'revoke lease' } as const;

export interface SourceEndingOptions {
  readonly call: SourceCall;
  readonly clock: Clock;
  readonly log: ConnectionLog;
  readonly connection: string;
}

/** Ends leases, then calls under way, then the source where no other connection uses it, each within a bound. After that the source is not called any more. Never rejects. */
export async function endSource(options: SourceEndingOptions, leases: Iterable<Lease>): Promise<void> {
  const { call, clock, log, connection } = options;
  const { source } = call;
  const revoke = async (): Promise<void> => {
    if (!source.revoke) return;
    const ends = [...leases].map((lease) => call.run(ASKED, (context) => source.revoke!(lease, context)));
    const failed = (await Promise.allSettled(ends)).filter(({ status }) => status === 'rejected').length;
    if (failed > 0)
      log.warn(`Secrets of "${connection}": ${failed} leases could not be revoked; they run to their own end.`);
  };
  const close = async (): Promise<void> => {
    if (isUsed(source)) return; // by another connection, which closes it when it ends
    try {
      await source.close?.();
    } catch {
      log.warn(`Secrets of "${connection}": the source ${source.kind} could not be closed in order.`);
    }
  };
  await settledWithin(BOUND, clock, revoke());
  call.close();
  await settledWithin(BOUND, clock, close());
}
