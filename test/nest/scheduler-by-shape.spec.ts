import { Injectable } from '@nestjs/common';
import type { Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import type { TestingModuleBuilder } from '@nestjs/testing';
import { Test } from '@nestjs/testing';
import { HcpVaultModule, memorySource } from 'nestjs-hcp-vault';

const JOB = 'hcp-vault:default:refresh';

/** As an app's own list of jobs, which has all the methods of Nest's. */
@Injectable()
class JobList {
  readonly added: string[] = [];
  doesExist = (): boolean => false;
  addTimeout(name: string): void {
    this.added.push(name);
  }
  deleteTimeout(): void {}
  getTimeouts(): string[] {
    return this.added;
  }
  addInterval(name: string): void {
    this.added.push(name);
  }
  addCron(name: string): void {
    this.added.push(name);
  }
  addCronJob(name: string): void {
    this.added.push(name);
  }
  getCronJob(): undefined {}
  getCronJobs(): Map<string, unknown> {
    return new Map();
  }
  deleteCronJob(): void {}
  onApplicationBootstrap(): void {}
  beforeApplicationShutdown(): void {}
}

@Injectable()
class LookAlike extends JobList {
  override addTimeout(name: string): void {
    super.addTimeout(name);
  }
}

/** Of the orchestrator's methods it has all, and injects a list of jobs. */
@Injectable()
class Orchestra extends LookAlike {
  constructor(readonly list: JobList) {
    super();
  }
}

class Hostile {
  get addTimeout(): never {
    throw new Error('asked');
  }
  get doesExist(): never {
    throw new Error('asked');
  }
}

const app = async (
  refresh: { every: string } | { cron: string },
  { scheduled = true, change = (builder: TestingModuleBuilder) => builder } = {},
) => {
  const builder = Test.createTestingModule({
    providers: [JobList, LookAlike, Orchestra, { provide: Hostile, useFactory: () => new Hostile() }],
    imports: [
      ...(scheduled ? [ScheduleModule.forRoot()] : []),
      HcpVaultModule.forRoot({ source: memorySource({ KEY: 'v1' }), refresh, required: ['KEY'] }),
    ],
  });
  const module = await change(builder).compile();
  await module.init();
  return module;
};

/** What a minifier makes of the names of @nestjs/schedule's classes. */
async function withoutNames<T>(work: () => Promise<T>): Promise<T> {
  const probe = await Test.createTestingModule({ imports: [ScheduleModule.forRoot()] }).compile();
  const classes = [...probe.get(ModulesContainer).values()]
    .flatMap((module) => [...module.providers.keys()])
    .filter((token): token is Type => typeof token === 'function' && token.name.startsWith('Scheduler'));
  expect(classes.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['SchedulerRegistry', 'SchedulerOrchestrator']),
  );
  const names = classes.map((type) => Object.getOwnPropertyDescriptor(type, 'name')!);
  classes.forEach((type) => Object.defineProperty(type, 'name', { value: 'a', configurable: true }));
  try {
    return await work();
  } finally {
    classes.forEach((type, index) => Object.defineProperty(type, 'name', names[index]!));
  }
}

describe("the app's scheduler", () => {
  it('given classes whose names a minifier has shortened, when the app runs, then the job is listed', async () => {
    await withoutNames(async () => {
      const module = await app({ every: '10m' });
      expect(module.get(SchedulerRegistry).getTimeouts()).toEqual([JOB]);
      await module.close();
    });
  });

  it('given such classes, when there is a cron expression, then it is tried, and the job is listed', async () => {
    await withoutNames(async () => {
      const module = await app({ cron: '0 * * * *' });
      expect([...module.get(SchedulerRegistry).getCronJobs().keys()]).toEqual([JOB]);
      await module.close();
      await expect(app({ cron: 'banana' })).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    });
  });

  it("given classes of the app's own with the same methods, and no scheduler, when it runs, then they are not called", async () => {
    const module = await app({ every: '10m' }, { scheduled: false });
    expect([JobList, LookAlike, Orchestra].flatMap((type) => module.get<JobList>(type).added)).toEqual([]);
    await module.close();
    await expect(app({ cron: '0 * * * *' }, { scheduled: false })).rejects.toThrow('needs @nestjs/schedule');
  });

  it('given classes of the same methods before the scheduler, when the app runs, then the scheduler has the job', async () => {
    const module = await app({ every: '10m' });
    expect(module.get(SchedulerRegistry).getTimeouts()).toEqual([JOB]);
    expect([JobList, LookAlike, Orchestra].flatMap((type) => module.get<JobList>(type).added)).toEqual([]);
    await module.close();
  });

  it.each([
    ['has less than we use', {}],
    ['throws when it is asked', Object.defineProperty({}, 'doesExist', { get: never })],
  ])("given a test that puts what %s in the registry's place, when the app runs, then it runs", async (_, mock) => {
    const value = Object.assign(mock, { getTimeouts: () => [], getIntervals: () => [], getCronJobs: () => new Map() });
    const change = (builder: TestingModuleBuilder) => builder.overrideProvider(SchedulerRegistry).useValue(value);
    const module = await app({ every: '10m' }, { change });
    await module.close();
  });
});

function never(): never {
  throw new Error('asked');
}
