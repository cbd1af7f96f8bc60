import { setImmediate as immediate } from 'node:timers';
import { jest } from '@jest/globals';
import { Injectable } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, InjectSecret, memorySource } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../support/captured-logger.js';

@Injectable()
class Service {
  @InjectSecret('KEY') readonly key!: string;
}

/** Turns of the real event loop: the end of a turn is not a matter of time. */
async function settledForReal(): Promise<void> {
  for (let turn = 0; turn < 4; turn += 1) await new Promise<void>((resolve) => immediate(() => resolve()));
}

async function appWith(options: Parameters<typeof HcpVaultModule.forRoot>[0], imports: unknown[] = []) {
  const source = memorySource({ KEY: 'v1' });
  const module = await Test.createTestingModule({
    imports: [...(imports as []), HcpVaultModule.forRoot({ source, ...options })],
    providers: [Service],
  }).compile();
  await module.init();
  return { module, source, service: module.get(Service) };
}

describe('the scheduled refresh job', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('given no scheduler, when time passes, then a timer of our own brings the new value, within [½, 1] of the interval', async () => {
    const { module, source, service } = await appWith({ refresh: { every: '10m' } });
    source.rotate('KEY', 'v2');
    await jest.advanceTimersByTimeAsync(4.9 * 60_000);
    expect(service.key).toBe('v1');
    await jest.advanceTimersByTimeAsync(5.2 * 60_000);
    expect(service.key).toBe('v2');
    await module.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('given a scheduler, when the app runs, then the job is listed under a readable name, works, and is gone after close', async () => {
    const { module, source, service } = await appWith({ refresh: { every: '10m', jitter: 0 } }, [
      ScheduleModule.forRoot(),
    ]);
    const registry = module.get(SchedulerRegistry);
    expect(registry.getTimeouts()).toEqual(['hcp-vault:default:refresh']);
    for (const value of ['v2', 'v3']) {
      source.rotate('KEY', value);
      await jest.advanceTimersByTimeAsync(10 * 60_000);
      expect(service.key).toBe(value);
    }
    expect(registry.getTimeouts()).toEqual(['hcp-vault:default:refresh']);
    await module.close();
    expect(registry.getTimeouts()).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('given a cron expression, when it ticks, then values are read, and the job is listed', async () => {
    const { module, source, service } = await appWith({ refresh: { cron: '0 * * * * *' } }, [ScheduleModule.forRoot()]);
    const registry = module.get(SchedulerRegistry);
    expect([...registry.getCronJobs().keys()]).toEqual(['hcp-vault:default:refresh']);
    source.rotate('KEY', 'v2');
    await jest.advanceTimersByTimeAsync(121_000);
    expect(service.key).toBe('v2');
    await module.close();
    expect(jest.getTimerCount()).toBe(0);
  });

  it('given a cron expression and no scheduler, when the app starts, then the error says what to install', async () => {
    await expect(appWith({ refresh: { cron: '* * * * * *' } })).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining('@nestjs/schedule'),
    });
  });

  it.each(['banana', '99 * * * *', '', '0 0 30 2 *', '0 0 0 31 6 *'])(
    'given the cron expression "%s", when the app starts, then it fails by the option, before anything is read or said',
    async (cron) => {
      const source = memorySource({ KEY: 'v1' });
      const read = jest.spyOn(source, 'read');
      const logger = new CapturedLogger();
      const imports = [ScheduleModule.forRoot(), HcpVaultModule.forRoot({ source, refresh: { cron } })];
      const start = NestFactory.createApplicationContext(
        { module: class App {}, imports, providers: [Service] },
        { logger, abortOnError: false },
      );
      await expect(start).rejects.toMatchObject({
        code: 'SECRET_CONFIGURATION',
        message: `Connection "default": option "refresh.cron" is not a cron expression: "${cron}". Give e.g. "0 * * * *".`,
      });
      expect(read).not.toHaveBeenCalled();
      expect(logger.text).not.toContain('refreshed by');
    },
  );

  it.each(['@hourly', '0 0 29 2 *', '*/5 8-18 * jan-mar mon-fri', '30 */5 * * * *'])(
    'given the cron expression "%s", when the app starts, then the job is there, once',
    async (cron) => {
      const { module } = await appWith({ refresh: { cron } }, [ScheduleModule.forRoot()]);
      expect([...module.get(SchedulerRegistry).getCronJobs().keys()]).toEqual(['hcp-vault:default:refresh']);
      await module.close();
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('given the job switched off, when values age, then a read starts the refresh behind it', async () => {
    const { module, source } = await appWith({ refresh: { enabled: false }, cache: { maxAge: '1m' } });
    const client = module.get(HcpVaultClient);
    source.rotate('KEY', 'v2');
    await jest.advanceTimersByTimeAsync(61_000);
    expect(client.get('KEY')).toBe('v1');
    await jest.advanceTimersByTimeAsync(10);
    await settledForReal();
    expect(client.get('KEY')).toBe('v2');
    await module.close();
    expect(jest.getTimerCount()).toBe(0);
  });
});
