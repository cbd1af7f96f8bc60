import { jest } from '@jest/globals';
import type { CanActivate } from '@nestjs/common';
import { Controller, Get, Injectable, Scope, UseGuards } from '@nestjs/common';
import {
  getClientToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  memorySource,
  OnSecretRotated,
  rotatingProvider,
} from 'nestjs-hcp-vault';
import { CapturedLogger } from '../support/captured-logger.js';
import { openingSource } from '../support/opening-source.js';
import type { Parts } from '../support/starting-apps.js';
import { during, fails, fakeTime, later, pass, startBy } from '../support/starting-apps.js';

@Controller()
class FailingController {
  constructor() {
    fails();
  }
}

@Controller()
class FailingWithASecret {
  constructor(@InjectSecret('DYN') _: unknown) {
    fails();
  }
}

@Injectable()
class FailingGuard implements CanActivate {
  constructor() {
    fails();
  }
  canActivate = () => true;
}

@Controller()
class Guarded {
  @UseGuards(FailingGuard)
  @Get()
  get() {
    return 'never';
  }
}

@Injectable()
class Incomplete {
  constructor(readonly missing: FailingGuard) {}
}

const failures: [string, Parts][] = [
  ['a factory at once', { providers: [{ provide: 'F', useFactory: () => fails() }] }],
  [
    'a factory while secrets are read',
    { providers: [{ provide: 'F', useFactory: () => later(20).then(() => fails()) }] },
  ],
  ['a factory long after', { providers: [{ provide: 'F', useFactory: () => later(5_000).then(() => fails()) }] }],
  [
    'a factory that has a client',
    { providers: [{ provide: 'F', inject: [HcpVaultClient], useFactory: () => fails() }] },
  ],
  ["a controller's constructor", { controllers: [FailingController] }],
  ["a controller's constructor with a secret", { controllers: [FailingWithASecret] }],
  ["a guard's constructor", { controllers: [Guarded] }],
  ['a class that lacks a dependency', { providers: [Incomplete] }],
];

const whole = ['start-up', 'read DYN', 'revoke', 'close', 'start-up ends'];
const connectionTo = ({ source }: ReturnType<typeof openingSource>, connection = 'default') =>
  HcpVaultModule.forRoot({ connection, source, required: ['DYN'] });
const start = startBy.createApplicationContext;

beforeEach(fakeTime);
afterEach(() => {
  jest.useRealTimers();
});

describe('a start that fails elsewhere, in a process that lives on', () => {
  describe.each(Object.entries(startBy))('by %s', (_, startIt) => {
    it.each(failures)('given %s that fails, when it has, then all that was opened is ended', async (_, parts) => {
      const opening = openingSource({ takes: 50 });
      const logger = new CapturedLogger();
      await expect(during(startIt({ ...parts, imports: [connectionTo(opening)] }, logger))).rejects.toThrow();
      await pass(200);
      expect(opening.did).toEqual(whole);
      expect(opening.left).toBe(0);
      expect(logger.lines.filter((line) => line.includes("The app's start failed at"))).toHaveLength(1);
      expect(logger.text).not.toContain('lease-1');
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  it('given options that come after the failure, when they are there, then nothing is opened, and the source is closed', async () => {
    const opening = openingSource();
    const options = () => later(1_000).then(() => ({ source: opening.source, required: ['DYN'] }));
    const parts = { imports: [HcpVaultModule.forRootAsync({ useFactory: options })], controllers: [FailingController] };
    await expect(during(start(parts, new CapturedLogger()))).rejects.toThrow('on purpose');
    await pass(1_200);
    expect(opening.did).toEqual(['close']);
  });

  it('given reading that outlasts the doubt, when it gives credentials after all, then these are ended too', async () => {
    const opening = openingSource({ takes: 1_000 });
    const parts = { imports: [connectionTo(opening)], providers: [{ provide: 'F', useFactory: () => fails() }] };
    await expect(during(start(parts, new CapturedLogger()))).rejects.toThrow('on purpose');
    await pass(1_200);
    expect([opening.left, opening.did.at(-1)]).toEqual([0, 'start-up ends']);
  });

  it('given two connections, when something else fails, then both are ended, and one line tells', async () => {
    const [first, second] = [openingSource(), openingSource()];
    const logger = new CapturedLogger();
    const providers = [
      { provide: 'F', inject: [HcpVaultClient, getClientToken('second')], useFactory: () => fails() },
      { provide: 'G', useFactory: () => fails() },
    ];
    const imports = [connectionTo(first), connectionTo(second, 'second')];
    await expect(during(start({ imports, providers }, logger))).rejects.toThrow('on purpose');
    await pass(200);
    expect([first.did, second.did]).toEqual([whole, whole]);
    const told = logger.lines.filter((line) => line.includes("The app's start failed at G."));
    expect(told).toEqual([expect.stringContaining('"default", "second"')]);
  });

  it('given two apps at once, when one fails, then the other goes on', async () => {
    const [bad, good] = [openingSource(), openingSource()];
    const failing = start({ imports: [connectionTo(bad)], controllers: [FailingController] }, new CapturedLogger());
    const starting = start({ imports: [connectionTo(good)] }, new CapturedLogger());
    await expect(during(failing)).rejects.toThrow('on purpose');
    const app = await during(starting);
    await pass(200);
    expect([bad.did, good.did]).toEqual([whole, whole.slice(0, 2)]);
    expect(await app.get(HcpVaultClient).fetch('DYN')).toEqual({ user: 'lease-1' });
    await during(app.close());
    expect(good.did).toEqual(whole);
  });

  it.each([0, 80])(
    'given a start that is tried again at once, when its source is had after %i ms, then the end of the first try does not reach the second',
    async (milliseconds) => {
      const opening = openingSource();
      const options = () => later(milliseconds).then(() => ({ source: opening.source, required: ['DYN'] }));
      let tries = 0;
      const parts = {
        imports: [HcpVaultModule.forRootAsync({ useFactory: options })],
        providers: [{ provide: 'F', useFactory: () => ((tries += 1) === 1 ? fails() : 'well') }],
      };
      await expect(during(start(parts, new CapturedLogger()))).rejects.toThrow('on purpose');
      const app = await during(start(parts, new CapturedLogger()));
      await pass(500);
      expect(opening.did).toEqual([...whole, ...whole.slice(0, 2)]);
      expect(opening.left).toBe(1);
      await during(app.close());
      expect(opening.did).toEqual([...whole, ...whole]);
    },
  );

  it('given a resource that is made after the failure, when it is there, then it is disposed of', async () => {
    const opening = openingSource();
    let pools = 0;
    let made = 0;
    const pool = rotatingProvider({
      provide: 'POOL',
      secret: 'DYN',
      create: () => later(1_000).then(() => ((made += 1), (pools += 1))),
      dispose: () => (pools -= 1),
    });
    const providers = [pool, { provide: 'F', useFactory: () => later(20).then(() => fails()) }];
    const imports = [HcpVaultModule.forRoot({ source: opening.source })];
    await expect(during(start({ imports, providers }, new CapturedLogger()))).rejects.toThrow('on purpose');
    await pass(1_200);
    expect([opening.did, made, pools]).toEqual([whole, 1, 0]);
  });
});

describe('a start in which a part of ours fails', () => {
  it.each([
    ['the options of another connection', () => fails()],
    [
      'a cron expression without a scheduler',
      () => ({ source: memorySource({}), refresh: { cron: '* * * * *' as const } }),
    ],
  ])('given %s, when it fails, then all is ended before the error goes on', async (_, useFactory) => {
    const opening = openingSource();
    const logger = new CapturedLogger();
    const other = HcpVaultModule.forRootAsync({ connection: 'other', inject: [HcpVaultClient], useFactory });
    await expect(during(start({ imports: [connectionTo(opening), other] }, logger))).rejects.toThrow();
    expect(opening.did).toEqual(whole);
    await pass(500);
    expect([opening.did, logger.text]).toEqual([whole, expect.not.stringContaining("The app's start failed at")]);
  });

  it('given a handler of rotations that no instance can hear, when a hook finds it, then both connections are ended', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class OfARequest {}
    @Injectable()
    class Handler {
      constructor(readonly ofARequest: OfARequest) {}
      @OnSecretRotated('DYN', { connection: 'other' })
      rotated() {}
    }
    const [first, other] = [openingSource(), openingSource()];
    const imports = [connectionTo(first), connectionTo(other, 'other')];
    const starting = start({ imports, providers: [OfARequest, Handler] }, new CapturedLogger());
    await expect(during(starting)).rejects.toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect([first.did, other.did]).toEqual([whole, whole]);
  });
});
