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
  for (const { providers } of container.values()) {
    for (const [token, wrapper] of providers) {
      if (typeof token === 'function' && token.name === 'SchedulerRegistry') {
        return wrapper as { readonly instance: SchedulerRegistryLike | undefined };
      }
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
