import type { ModulesContainer } from '@nestjs/core';
import { property } from '../../core/errors/foreign-cause.js';
import type { Alarm } from '../../core/refresh/alarm.js';

/** What is used of @nestjs/schedule’s SchedulerRegistry; the package is an optional peer, so it is not imported for this. */
export interface SchedulerRegistryLike {
  doesExist(type: 'timeout' | 'cron', name: string): boolean;
  addTimeout(name: string, timeout: unknown): void;
  deleteTimeout(name: string): void;
  getCronJob(name: string): { nextDate(): { toMillis(): number } };
}

/** The app's SchedulerRegistry, where ScheduleModule is in it. */
export function findSchedulerRegistry(
  container: ModulesContainer,
): { readonly instance: SchedulerRegistryLike | undefined } | undefined {
  const registry = findScheduler(container)?.registry;
  return registry && { instance: isWhole(registry.instance) ? registry.instance : undefined };
}

/** What of @nestjs/schedule makes cron jobs (versions 6 and 12). */
type SchedulerOrchestrator = new (registry: { addCronJob(name: string, job: { nextDate(): unknown }): void }) => {
  addCron(tick: () => void, options: { cronTime: string; disabled: boolean }): void;
  onApplicationBootstrap(): void;
};

/** Whether the app's own scheduler can make a job of this cron expression that is ever due: it is tried, apart from the app's jobs. */
export function isCronExpression(cronTime: string, container: ModulesContainer): boolean {
  const Orchestrator = findScheduler(container)?.Orchestrator;
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

const ORCHESTRATING = ['addTimeout', 'addInterval', 'addCron', 'onApplicationBootstrap', 'beforeApplicationShutdown'];
const REGISTERING = ['doesExist', 'addTimeout', 'deleteTimeout', 'getTimeouts', 'addCronJob', 'getCronJob', 'getCronJobs', 'deleteCronJob']; // prettier-ignore
const USED = ['doesExist', 'addTimeout', 'deleteTimeout', 'getCronJob'];

/**
 * The two classes of ScheduleModule that count here. A bundler shortens the names of classes, and two copies of a package have two of each: so they are
 * known by the methods that they declare, and by what Nest injects the one into the other for, which no class of an app has by chance.
 */
function findScheduler(
  container: ModulesContainer,
): { readonly Orchestrator: SchedulerOrchestrator; readonly registry: { readonly instance: unknown } } | undefined {
  for (const { providers } of container.values()) {
    for (const Orchestrator of providers.keys()) {
      if (!declares(Orchestrator, ORCHESTRATING)) continue;
      const injected = Reflect.getMetadata('design:paramtypes', Orchestrator) as unknown[] | undefined;
      const [Registry] = injected ?? [];
      const registry = declares(Registry, REGISTERING) ? providers.get(Registry) : undefined;
      if (registry) return { Orchestrator: Orchestrator as unknown as SchedulerOrchestrator, registry };
    }
  }
  return undefined;
}

type Class = abstract new (...parameters: never[]) => object;

/** True for a class with these methods of its own. No getter of an app's class is called for it. */
function declares(type: unknown, methods: readonly string[]): type is Class {
  try {
    if (typeof type !== 'function' || typeof type.prototype !== 'object') return false;
    const { prototype } = type as { prototype: object };
    return methods.every((name) => typeof Object.getOwnPropertyDescriptor(prototype, name)?.value === 'function');
  } catch {
    return false; // a Proxy that was revoked, or that throws
  }
}

/** False for what a test has put in its place, with less than we use: a timer of our own serves then. */
function isWhole(registry: unknown): registry is SchedulerRegistryLike {
  return USED.every((name) => typeof property(registry, name) === 'function');
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
