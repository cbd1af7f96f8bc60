import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { findSchedulerRegistry, isCronExpression, RegistryAlarm } from './scheduler-registry.js';

/** At most this long (ms), times jitter, a cron tick is put off, so that a fleet does not ask all at once. */
const CRON_SPREAD = 60_000;

/** Readable in `SchedulerRegistry.getTimeouts()` and `getCronJobs()`. */
export const refreshJobName = (connection: string): string => `hcp-vault:${connection}:refresh`;

/** How the refresh job of a connection is woken: by a timeout or cron job in the app’s SchedulerRegistry, or by a timer of its own. */
export class RefreshSchedule {
  constructor(
    private readonly runtime: SecretRuntime,
    private readonly container: ModulesContainer,
  ) {}

  start(): void {
    const registry = findSchedulerRegistry(this.container)?.instance;
    this.runtime.start(registry && new RegistryAlarm(registry, refreshJobName(this.runtime.connection)));
  }

  /** A tick of the cron job. The delay is random, and ends well before the next tick. */
  tick(): void {
    const { refresher, options, clock, connection } = this.runtime;
    const job = findSchedulerRegistry(this.container)?.instance?.getCronJob(refreshJobName(connection));
    const gap = job ? job.nextDate().toMillis() - clock.wall() : CRON_SPREAD;
    refresher.refreshWithin(options.policies.common.jitter * Math.min(CRON_SPREAD, Math.max(0, gap)));
  }
}

/** Before anything is read. Throws SecretConfigurationError where the app has no ScheduleModule for `refresh.cron`, or that is not a cron expression. */
export function checkCron({ options, connection }: SecretRuntime, container: ModulesContainer): void {
  const { cron, policies } = options;
  if (cron === undefined || !policies.common.enabled) return;
  if (!findSchedulerRegistry(container)) {
    throw new SecretConfigurationError(
      '`refresh.cron` needs @nestjs/schedule: install it and import ScheduleModule.forRoot() in the app, or use `refresh.every`.',
      { connection },
    );
  }
  if (isCronExpression(cron, container)) return;
  throw new SecretConfigurationError(
    `option "refresh.cron" is not a cron expression: ${JSON.stringify(cron)}. Give e.g. "0 * * * *".`,
    { connection },
  );
}

/**
 * The provider that wakes the job. With `refresh.cron` its method carries Nest’s own `@Cron`: the app’s scheduler finds, runs, lists and stops
 * it like any other job.
 */
export async function createRefreshSchedule(
  runtime: SecretRuntime,
  container: ModulesContainer,
): Promise<RefreshSchedule> {
  const { cron, policies } = runtime.options;
  if (cron === undefined || !policies.common.enabled) return new RefreshSchedule(runtime, container);
  const { Cron } = await import('@nestjs/schedule');
  class CronRefreshSchedule extends RefreshSchedule {
    refreshSecrets(): void {
      this.tick();
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(CronRefreshSchedule.prototype, 'refreshSecrets')!;
  Cron(cron, { name: refreshJobName(runtime.connection) })(CronRefreshSchedule.prototype, 'refreshSecrets', descriptor);
  return new CronRefreshSchedule(runtime, container);
}
