import type { ModulesContainer } from '@nestjs/core';
import type { Alarm } from '../../core/refresh/alarm.js';

/** What is used of @nestjs/schedule’s SchedulerRegistry; the package is an optional peer, so it is not imported for this. */
export interface SchedulerRegistryLike {
  doesExist(type: 'timeout' | 'cron', name: string): boolean;
  addTimeout(name: string, timeout: unknown): void;
  deleteTimeout(name: string): void;
  getCronJob(name: string): { nextDate(): { toMillis(): number } };
}

/** The app’s SchedulerRegistry, where ScheduleModule is in it. Found by its class’s name: two copies of a package have two classes. */
export function findSchedulerRegistry(
  container: ModulesContainer,
): { readonly instance: SchedulerRegistryLike | undefined } | undefined {
  return find(container, 'SchedulerRegistry')?.wrapper as { readonly instance: SchedulerRegistryLike | undefined };
}

/** What of @nestjs/schedule makes cron jobs (versions 6 and 12). */
type SchedulerOrchestrator = new (registry: { addCronJob(name: string, job: { nextDate(): unknown }): void }) => {
  addCron(tick: () => void, options: { cronTime: string; disabled: boolean }): void;
  onApplicationBootstrap(): void;
};

/** Whether the app's own scheduler can make a job of this cron expression that is ever due: it is tried, apart from the app's jobs. */
export function isCronExpression(cronTime: string, container: ModulesContainer): boolean {
  const Orchestrator = find(container, 'SchedulerOrchestrator')?.token as SchedulerOrchestrator | undefined;
  if (!Orchestrator) return true;
  const trial = new Orchestrator({ addCronJob: (_, job) => void job.nextDate() });
  trial.addCron(() => undefined, { cronTime, disabled: true });
  try {
    trial.onApplicationBootstrap();
    return true;
  } catch {
    return false;
  }
}

function find(
  container: ModulesContainer,
  name: string,
): { readonly token: unknown; readonly wrapper: unknown } | undefined {
  for (const { providers } of container.values()) {
    for (const [token, wrapper] of providers) {
      if (typeof token === 'function' && token.name === name) return { token, wrapper };
    }
  }
  return undefined;
}

/** An alarm that is listed, and can be stopped, in SchedulerRegistry. */
export class RegistryAlarm implements Alarm {
  constructor(
    private readonly registry: SchedulerRegistryLike,
    private readonly name: string,
  ) {}

  set(callback: () => void, delay: number): void {
    this.clear(); // a duplicate name throws, after the timer was made
    const timeout = setTimeout(callback, delay);
    timeout.unref?.();
    this.registry.addTimeout(this.name, timeout);
  }

  clear(): void {
    if (this.registry.doesExist('timeout', this.name)) this.registry.deleteTimeout(this.name);
  }
}
