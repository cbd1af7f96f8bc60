import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { jest } from '@jest/globals';
import { Inject, Injectable, Optional, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { HcpVaultTestingModule } from 'nestjs-hcp-vault/testing';
import { CapturedLogger } from '../support/captured-logger.js';
import { openingSource } from '../support/opening-source.js';
import { appModule, during, fails, fakeTime, later, pass, startBy } from '../support/starting-apps.js';

const opened = ['start-up', 'read DYN'];
const ended = ['revoke', 'close', 'start-up ends'];
const connectionTo = ({ source }: ReturnType<typeof openingSource>) =>
  HcpVaultModule.forRoot({ source, required: ['DYN'], refresh: { enabled: false } });
const MINUTE = 60_000;

beforeEach(fakeTime);
afterEach(() => {
  jest.useRealTimers();
});

describe("failures that are not the start's", () => {
  it('given an optional transient that fails, when the app has started, then nothing is ended', async () => {
    @Injectable()
    class Holder {
      constructor(@Optional() @Inject('T') readonly found: unknown) {}
    }
    const opening = openingSource();
    const logger = new CapturedLogger();
    const providers = [
      Holder,
      { provide: 'T', scope: Scope.TRANSIENT, useFactory: () => fails() },
      { provide: 'SLOW', useFactory: () => later(1_000) },
    ];
    const app = await during(startBy.createApplicationContext({ imports: [connectionTo(opening)], providers }, logger));
    await pass(500);
    expect(app.get(Holder).found).toBeUndefined();
    expect([opening.did, logger.text]).toEqual([opened, expect.not.stringContaining('start failed')]);
    await during(app.close());
    expect(opening.did).toEqual([...opened, ...ended]);
  });

  it('given a mocker for what is missing and a slow start, when it has started, then nothing is ended', async () => {
    class Missing {}
    @Injectable()
    class Incomplete {
      constructor(readonly missing: Missing) {}
    }
    const opening = openingSource();
    const module = await during(
      Test.createTestingModule({
        imports: [connectionTo(opening)],
        providers: [Incomplete, { provide: 'SLOW', useFactory: () => later(1_000) }],
      })
        .useMocker(() => ({ mocked: true }))
        .compile(),
    );
    await pass(500);
    expect(module.get(Incomplete).missing).toEqual({ mocked: true });
    expect(opening.did).toEqual(opened);
    await during(module.close());
    expect(opening.did).toEqual([...opened, ...ended]);
  });

  it('given a mocker, when what it stands in for has failed, then so does the start, and all is ended', async () => {
    const opening = openingSource();
    const start = Test.createTestingModule({
      imports: [connectionTo(opening)],
      providers: [
        { provide: 'F', useFactory: () => fails() },
        { provide: 'G', inject: ['F'], useFactory: (found: unknown) => found },
      ],
    })
      .useMocker(() => ({}))
      .compile();
    await expect(during(start)).rejects.toThrow('on purpose');
    await pass(200);
    expect(opening.did).toEqual([...opened, ...ended]);
  });

  it('given a testing module without `init`, when providers of a request fail later, then nothing is ended', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class OfARequest {
      constructor() {
        fails();
      }
    }
    @Injectable()
    class Holder {
      constructor(readonly ofARequest: OfARequest) {}
    }
    const opening = openingSource();
    const module = await during(
      Test.createTestingModule({ imports: [connectionTo(opening)], providers: [OfARequest, Holder] }).compile(),
    );
    await expect(module.resolve(OfARequest)).rejects.toThrow('on purpose');
    await expect(module.resolve(Holder)).rejects.toThrow('on purpose');
    await pass(500);
    expect(opening.did).toEqual(opened);
    await during(module.close());
    expect(opening.did).toEqual([...opened, ...ended]);
  });
});

describe('failures after the app is made, of which Nest gives no sign', () => {
  it.each(['onModuleInit', 'onApplicationBootstrap'])(
    'given another %s that fails, when the app is closed, then all is ended once, and no timer is left',
    async (hook) => {
      const opening = openingSource();
      const providers = [{ provide: 'HOOK', useValue: { [hook]: () => fails() } }];
      const parts = { imports: [connectionTo(opening)], providers };
      const app = await during(NestFactory.create(appModule(parts), { abortOnError: false, logger: false }));
      await expect(during(app.init())).rejects.toThrow('on purpose');
      await pass(500);
      expect(opening.did).toEqual(opened);
      await during(app.close());
      expect(opening.did).toEqual([...opened, ...ended]);
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('given a port that is taken, when `listen` has failed and the app is closed, then all is ended once, and no timer is left', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    const opening = openingSource();
    const options = { abortOnError: false, logger: false } as const;
    const app = await during(NestFactory.create(appModule({ imports: [connectionTo(opening)] }), options));
    const { port } = other.address() as AddressInfo;
    await expect(during(app.listen(port, '127.0.0.1'))).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await pass(500);
    expect(opening.did).toEqual(opened);
    await during(app.close());
    other.close();
    expect(opening.did).toEqual([...opened, ...ended]);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('how long a source takes an app for starting', () => {
  it.each(Object.entries(startBy))(
    'given %s, when two minutes have passed after its last hook, then it does so no more',
    async (_, start) => {
      const opening = openingSource();
      const app = await during(start({ imports: [connectionTo(opening)] }, new CapturedLogger()));
      await jest.advanceTimersByTimeAsync(2 * MINUTE - 1_000);
      expect(opening.did).toEqual(opened);
      await jest.advanceTimersByTimeAsync(1_000);
      expect(opening.did).toEqual([...opened, 'start-up ends']);
      await during(app.close());
      expect(opening.did).toEqual([...opened, 'start-up ends', 'revoke', 'close']);
      expect(jest.getTimerCount()).toBe(0);
    },
  );

  it('given a start of five minutes, when it is done, then two minutes more', async () => {
    const opening = openingSource();
    const providers = [{ provide: 'HOOK', useValue: { onModuleInit: () => later(5 * MINUTE) } }];
    const start = startBy.createApplicationContext(
      { imports: [connectionTo(opening)], providers },
      new CapturedLogger(),
    );
    await jest.advanceTimersByTimeAsync(5 * MINUTE);
    const app = await during(start);
    expect(opening.did).toEqual(opened);
    await jest.advanceTimersByTimeAsync(2 * MINUTE);
    expect(opening.did).toEqual([...opened, 'start-up ends']);
    await during(app.close());
  });

  it('given an app that closes before, when it has, then no timer is left', async () => {
    const opening = openingSource();
    const start = startBy.createApplicationContext({ imports: [connectionTo(opening)] }, new CapturedLogger());
    await during((await during(start)).close());
    expect([opening.did, jest.getTimerCount()]).toEqual([[...opened, ...ended], 0]);
  });

  it('given a source that knows no start, or a test, when the app runs, then there is no timer for it', async () => {
    const imports = [
      HcpVaultModule.forRoot({ source: memorySource({ KEY: 'v' }), refresh: { enabled: false } }),
      HcpVaultTestingModule.forTest({ KEY: 'v' }, { connection: 'test' }),
    ];
    const app = await during(startBy.createApplicationContext({ imports }, new CapturedLogger()));
    expect(jest.getTimerCount()).toBe(1); // the job's look at the clock, to notice a pause
    await during(app.close());
  });
});
