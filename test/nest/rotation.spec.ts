import { inspect } from 'node:util';
import { Injectable, Scope } from '@nestjs/common';
import { LazyModuleLoader } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  type HcpVaultModuleOptions,
  type SecretRef,
  type SecretRotatedEvent,
} from 'nestjs-hcp-vault';
import { CapturedLogger } from '../support/captured-logger.js';

async function appWith(providers: unknown[], options: Partial<HcpVaultModuleOptions> = {}) {
  const source = memorySource({ DB: { user: 'u', password: 'canary-password-1' }, KEY: 'k-1' });
  const logger = new CapturedLogger();
  const builder = Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source, ...options })],
    providers: providers as [],
  });
  const module = await builder.setLogger(logger).compile();
  await module.init();
  return { module, source, logger, client: module.get(HcpVaultClient) };
}

describe('@OnSecretRotated', () => {
  it('given a handler, when its secret is rotated, then it gets the event in the same turn; other secrets and the first value are no news', async () => {
    const events: SecretRotatedEvent<{ password: string }>[] = [];
    @Injectable()
    class Swapper {
      @OnSecretRotated('DB') swap(event: SecretRotatedEvent<{ password: string }>) {
        events.push(event);
      }
    }
    const { module, source, client } = await appWith([Swapper]);
    const seen: string[] = [];
    client.rotations$.subscribe(({ name }) => seen.push(name));
    source.rotate('DB', { user: 'u', password: 'canary-password-2' });
    source.rotate('KEY', 'k-2');
    expect(events).toEqual([]);
    await client.refresh('KEY');
    await client.refresh('DB');
    expect(events).toHaveLength(1);
    const [event] = events;
    expect(event).toMatchObject({ name: 'DB', connection: 'default', previousVersion: '1', version: '2' });
    expect([event!.previous?.password, event!.current.password]).toEqual(['canary-password-1', 'canary-password-2']);
    expect(event!.at).toBeInstanceOf(Date);
    expect(seen).toEqual(['DB']);
    expect(
      [inspect(event, { showHidden: true, depth: 9 }), JSON.stringify(event), `${event as unknown as string}`].join(),
    ).not.toContain('canary');
    await module.close();
  });

  it('given a busy handler, when several rotations come, then it gets the newest when it is done, and `previous` is what it last saw', async () => {
    const seen: unknown[] = [];
    let finish!: () => void;
    @Injectable()
    class Slow {
      @OnSecretRotated('KEY') async swap({ previous, current }: SecretRotatedEvent<string>) {
        seen.push([previous, current]);
        await new Promise<void>((resolve) => (finish = resolve));
      }
    }
    const { module, source, client } = await appWith([Slow]);
    for (const value of ['k-2', 'k-3', 'k-4']) {
      source.rotate('KEY', value);
      await client.refresh();
    }
    expect(seen).toEqual([['k-1', 'k-2']]);
    finish();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual([
      ['k-1', 'k-2'],
      ['k-2', 'k-4'],
    ]);
    finish();
    await module.close();
  });

  it('given a handler that throws what it knows, when a rotation comes, then the log names class and method, not the value, and others run', async () => {
    const seen: string[] = [];
    @Injectable()
    class Careless {
      @OnSecretRotated('DB') async swap({ current }: SecretRotatedEvent<{ password: string }>) {
        await Promise.reject(new Error(`no connection to postgres://u:${current.password}@host`));
      }
      @OnSecretRotated('DB') other() {
        seen.push('other');
      }
    }
    const { module, source, client, logger } = await appWith([Careless]);
    source.rotate('DB', { user: 'u', password: 'canary-password-2' });
    await client.refresh();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['other']);
    expect(logger.text).toContain('Careless.swap');
    expect(logger.text).toMatch(/Careless\.swap failed on .*: Error\n {4}at .*rotation\.spec\.ts/);
    expect(logger.text).not.toMatch(/canary|postgres/);
    await module.close();
  });

  it.each([Scope.REQUEST, Scope.TRANSIENT])(
    'given a class of scope %s, when the app starts, then it fails and says why',
    async (scope) => {
      @Injectable({ scope })
      class Scoped {
        @OnSecretRotated('KEY') swap() {}
      }
      await expect(appWith([Scoped])).rejects.toMatchObject({
        code: 'SECRET_CONFIGURATION',
        message: expect.stringContaining('Scoped.swap'),
      });
    },
  );

  it('given a class that is request-scoped through what it injects, when the app starts, then it fails and says why', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {}
    @Injectable()
    class Implicit {
      constructor(readonly perRequest: PerRequest) {}
      @OnSecretRotated('KEY') swap() {}
    }
    await expect(appWith([PerRequest, Implicit])).rejects.toMatchObject({
      code: 'SECRET_CONFIGURATION',
      message: expect.stringContaining('Implicit.swap'),
    });
  });

  it('given a handler whose name has a line of its own and marks of direction, when it throws, then the log has no such line', async () => {
    const method = 'swap\n[Nest] 1 - LOG forged\n    at forged\u202e';
    @Injectable()
    class Odd {
      @OnSecretRotated('DB') [method]() {
        throw new Error('no');
      }
    }
    const { module, source, client, logger } = await appWith([Odd]);
    source.rotate('DB', { user: 'u', password: 'canary-password-2' });
    await client.refresh();
    await new Promise((resolve) => setImmediate(resolve));
    const line = logger.lines.find((text) => text.includes('failed on'))!;
    expect(line.split('\n')[0]).toMatch(/^Odd\.swap.*forged.*failed on/);
    expect(line).not.toMatch(/\n\[|\n {4}at forged|\u202e/);
    await module.close();
  });

  it('given a handler that throws at once, when the next rotation comes, then it is called again, and the app closes', async () => {
    const seen: unknown[] = [];
    @Injectable()
    class Throwing {
      @OnSecretRotated('KEY') swap({ current }: SecretRotatedEvent<string>) {
        seen.push(current);
        throw new Error('at once');
      }
    }
    const { module, source, client, logger } = await appWith([Throwing]);
    for (const value of ['k-2', 'k-3']) {
      source.rotate('KEY', value);
      await client.refresh();
    }
    expect(seen).toEqual(['k-2', 'k-3']);
    expect(logger.text).toContain('Throwing.swap failed');
    await module.close();
  });

  it('given a handler at work, when the app closes, then it may finish first', async () => {
    const seen: string[] = [];
    let finish!: () => void;
    @Injectable()
    class Slow {
      @OnSecretRotated('KEY') async swap() {
        await new Promise<void>((resolve) => (finish = resolve));
        seen.push('done');
      }
    }
    const { module, source, client } = await appWith([Slow]);
    source.rotate('KEY', 'k-2');
    await client.refresh();
    const closing = module.close().then(() => seen.push('closed'));
    await new Promise((resolve) => setImmediate(resolve));
    finish();
    await closing;
    expect(seen).toEqual(['done', 'closed']);
  });

  it('given a handler in a lazily loaded module, when a rotation comes, then it is called', async () => {
    const seen: unknown[] = [];
    const { module, source, client } = await appWith([]);
    const { Module } = await import('@nestjs/common');
    @Injectable()
    class Late {
      @OnSecretRotated('KEY') swap({ current }: SecretRotatedEvent<string>) {
        seen.push(current);
      }
    }
    @Module({ providers: [Late] })
    class LateModule {}
    await module.get(LazyModuleLoader).load(() => LateModule);
    source.rotate('KEY', 'k-2');
    await client.refresh();
    expect(seen).toEqual(['k-2']);
    await module.close();
  });
});

describe('SecretRef', () => {
  @Injectable()
  class Refs {
    constructor(
      @InjectSecretRef('DB', { field: 'password', overlap: '1h' }) readonly password: SecretRef<string>,
      @InjectSecretRef('DB') readonly db: SecretRef<{ user: string; password: string }>,
      @InjectSecretRef('ABSENT', { optional: true }) readonly absent: SecretRef<string>,
    ) {}
  }

  it('given refs, when rotations come, then values, versions and streams follow; of a field only where it changes', async () => {
    const { module, source, client } = await appWith([Refs]);
    const { password, db, absent } = module.get(Refs);
    const user = db.field<string>('user');
    const streams: Record<string, unknown[]> = { password: [], user: [] };
    let completed = 0;
    password.changes$.subscribe({
      next: (value) => streams['password']!.push(value),
      complete: () => (completed += 1),
    });
    user.changes$.subscribe({ next: (value) => streams['user']!.push(value), complete: () => (completed += 1) });
    expect(absent.value).toBeUndefined();
    source.rotate('DB', { user: 'u', password: 'canary-password-2' });
    await client.refresh();
    expect([password.value, user.value, db.version]).toEqual(['canary-password-2', 'u', '2']);
    expect(db.loadedAt).toBeInstanceOf(Date);
    expect(streams).toEqual({ password: ['canary-password-1', 'canary-password-2'], user: ['u'] });
    expect(password.accepted).toEqual(['canary-password-2', 'canary-password-1']);
    expect(db.accepted).toHaveLength(1);
    password.dropPrevious();
    expect(password.accepted).toEqual(['canary-password-2']);
    expect(
      [
        inspect({ password, db }, { showHidden: true, depth: 9 }),
        JSON.stringify([password, db]),
        String(password),
      ].join(),
    ).not.toContain('canary');
    source.rotate('ABSENT', 'now');
    await client.refresh();
    expect(absent.value).toBe('now');
    await module.close();
    expect(completed).toBe(2);
    expect(password.value).toBe('canary-password-2');
  });

  it('given an overlap and a source that has the version before, when the app starts, then both are accepted, until the overlap is over', async () => {
    const source = memorySource({ DB: { user: 'u', password: 'old' } });
    source.rotate('DB', { user: 'u', password: 'new' });
    const { module } = await appWith([Refs], { source });
    expect(module.get(Refs).password.accepted).toEqual(['new', 'old']);
    expect(module.get(Refs).db.accepted).toHaveLength(1);
    await module.close();
  });

  it('given versions, when they are asked for, then they live side by side', async () => {
    const { module, source, client } = await appWith([]);
    source.rotate('KEY', 'k-2');
    await client.refresh();
    expect(await client.fetch('KEY', { version: '1' })).toBe('k-1');
    expect(await client.fetch('KEY')).toBe('k-2');
    expect(client.get('KEY', { version: '1' })).toBe('k-1');
    await expect(client.fetch('KEY', { version: '99' })).rejects.toMatchObject({ code: 'SECRET_NOT_FOUND' });
    await module.close();
  });

  it('given 5,000 rotations, when they are over, then no listener and no replaced value is left beyond the overlap', async () => {
    const { module, source, client } = await appWith([Refs], { refresh: { enabled: false } });
    const ref = client.ref<string>('KEY');
    for (let index = 0; index < 5_000; index += 1) {
      source.rotate('KEY', `k-${index}`);
      ref.changes$.subscribe().unsubscribe();
      if (index % 100 === 0) await client.refresh('KEY');
    }
    await client.refresh('KEY');
    expect(ref.value).toBe('k-4999');
    expect(ref.accepted).toEqual(['k-4999']);
    await module.close();
  });
});
