import type { FactoryProvider, HttpException } from '@nestjs/common';
import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import type { Rotating, SecretSource } from 'nestjs-hcp-vault';
import { HcpVaultClient, HcpVaultModule, Lease, memorySource, rotatingProvider, SecretVersion } from 'nestjs-hcp-vault';
import type { HealthCheckOptions } from 'nestjs-hcp-vault/terminus';
import { HcpVaultHealthIndicator } from 'nestjs-hcp-vault/terminus';
import { CapturedLogger } from '../support/captured-logger.js';
import { settled } from '../support/fake-clock.js';

@Controller()
class HealthController {
  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HcpVaultHealthIndicator) private readonly secrets: HcpVaultHealthIndicator,
  ) {}

  @Get('ready')
  ready(options?: HealthCheckOptions) {
    return this.health.check([async () => this.secrets.check('secrets', options)]);
  }
}

const open: { close(): Promise<void> }[] = [];

type Options = NonNullable<Parameters<typeof HcpVaultModule.forRoot>[0]>;

async function appWith(...given: (Options | FactoryProvider)[]) {
  const providers = given.filter((one) => 'provide' in one);
  const modules = given.filter((one) => !('provide' in one)) as Options[];
  const app = await Test.createTestingModule({
    imports: [TerminusModule, ...modules.map((options) => HcpVaultModule.forRoot(options))],
    controllers: [HealthController],
    providers: [HcpVaultHealthIndicator, ...providers],
  })
    .setLogger(new CapturedLogger())
    .compile();
  await app.init();
  open.push(app);
  const controller = app.get(HealthController);
  /** Status, and what stands under the key, as the answer of /ready has it. */
  const ready = async (options?: HealthCheckOptions) => {
    const answer: { code: number; body: unknown } = await controller.ready(options).then(
      (given) => ({ code: 200, body: given }),
      (error: HttpException) => ({ code: error.getStatus(), body: error.getResponse() }),
    );
    const body = answer.body as { status: string; details: Record<string, { status: string }> };
    expect(JSON.stringify(body)).not.toContain('canary');
    return { code: answer.code, overall: body.status, ...body.details['secrets'] };
  };
  return { app, ready };
}

describe('HcpVaultHealthIndicator', () => {
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
  });

  it('given secrets that are current, when asked, then it is up, with names of connections, counts and ages', async () => {
    const { ready } = await appWith(
      { source: memorySource({ KEY: 'canary-1' }), required: ['KEY'] },
      { connection: 'reports', source: memorySource({ A: 'canary-2', B: 'canary-3' }), required: ['A', 'B'] },
    );
    expect(await ready()).toEqual({
      code: 200,
      overall: 'ok',
      status: 'up',
      connections: {
        default: { level: 'up', source: 'memory', secrets: 1, oldestSeconds: expect.any(Number) as number },
        reports: { level: 'up', source: 'memory', secrets: 2, oldestSeconds: expect.any(Number) as number },
      },
    });
    expect(Object.keys((await ready({ connection: 'reports' })) as object)).toContain('connections');
  });

  it('given an outage of the source, when asked, then it is degraded and ready, and up again after it', async () => {
    const source = memorySource({ KEY: 'canary-1' });
    const { ready, app } = await appWith({ source, required: ['KEY'] });
    source.fail(new Error('canary-text of the source'));
    await app.get(HcpVaultClient).refresh();
    const trouble = { name: 'KEY', problem: 'failing', required: true, code: 'SECRET_SOURCE_UNAVAILABLE', ageSeconds: expect.any(Number) as number }; // prettier-ignore
    expect(await ready()).toMatchObject({
      code: 200,
      overall: 'degraded',
      status: 'degraded',
      connections: { default: { level: 'degraded', secrets: 1, troubles: [trouble] } },
    });
    expect(await ready({ degradedAfter: '1h' })).toMatchObject({ code: 200, status: 'up' });
    source.recover();
    await app.get(HcpVaultClient).refresh();
    expect(await ready()).toMatchObject({ code: 200, status: 'up' });
  });

  it('given a required secret whose lease has ended, when asked, then it is down, and one that nobody requires is not', async () => {
    let opened = 0;
    const source: SecretSource = {
      kind: 'leased',
      async read(names) {
        if ((opened += 1) > 2) throw new Error('canary-gone');
        return new Map(
          names.map((name) => [name, SecretVersion.of('canary-1', { lease: Lease.of({ duration: 150 }) })]),
        );
      },
    };
    const { ready, app } = await appWith({ source, required: ['DB'] });
    await app.get(HcpVaultClient).fetch('OTHER');
    expect(await ready()).toMatchObject({ status: 'up' });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const { code, connections } = (await ready()) as unknown as { code: number; connections: object };
    expect(code).toBe(503);
    expect(connections).toMatchObject({
      default: { level: 'down', secrets: 0, troubles: [{ name: 'DB', problem: 'ended', required: true }] },
    });
  });

  it('given a secret that is gone at the source, when asked, then its value serves: degraded', async () => {
    const source = memorySource({ KEY: 'canary-1' });
    const { ready, app } = await appWith({ source, required: ['KEY'] });
    source.remove('KEY');
    await app.get(HcpVaultClient).refresh();
    expect(await ready()).toMatchObject({
      code: 200,
      connections: { default: { level: 'degraded', troubles: [{ name: 'KEY', problem: 'gone' }] } },
    });
  });

  it('given a swap that fails while the old one serves, when asked, then it is degraded, with the code of its error', async () => {
    const source = memorySource({ DB: 'canary-1' });
    let isRefused = false;
    const pool = rotatingProvider({
      provide: 'POOL',
      secret: 'DB',
      create: () => {
        if (isRefused) throw Object.assign(new Error('canary-text of the driver'), { code: '28P01' });
        return {};
      },
      dispose: () => undefined,
    });
    const { ready, app } = await appWith({ source }, pool);
    expect(await ready()).toMatchObject({ status: 'up' });
    isRefused = true;
    source.rotate('DB', 'canary-2');
    await app.get(HcpVaultClient).refresh();
    await settled(10);
    expect(app.get<Rotating<object>>('POOL').current).toEqual({});
    expect(await ready()).toMatchObject({
      code: 200,
      status: 'degraded',
      connections: { default: { resources: [{ name: 'POOL', secret: 'DB', problem: 'swap-fails', code: '28P01' }] } },
    });
  });

  it('given an optional secret that is not there, and a paused connection, when asked, then it is up, and tells of the pause', async () => {
    const { ready, app } = await appWith({ source: memorySource({ KEY: 'canary-1' }), required: ['KEY'] });
    app.get(HcpVaultClient).ref('NOT_THERE');
    await settled(10);
    app.get(HcpVaultClient).pause();
    expect(await ready()).toMatchObject({
      status: 'up',
      connections: { default: { level: 'up', pausedSince: expect.any(String) as string } },
    });
  });

  it('given an app that closes, when asked while and after it, then that is not a fault of its secrets', async () => {
    const { ready, app } = await appWith({ source: memorySource({ KEY: 'canary-1' }), required: ['KEY'] });
    const closing = app.close();
    expect(await ready()).toMatchObject({ connections: { default: { level: 'up' } } });
    await closing;
    expect(await ready()).toMatchObject({ connections: { default: { level: 'up' } } });
  });

  it('given a connection that there is not, or an option, when asked, then that is refused by name', async () => {
    const { app } = await appWith({ source: memorySource({}) });
    const indicator = app.get(HcpVaultHealthIndicator);
    expect(() => indicator.check('secrets', { connection: 'report' })).toThrow('"report". There are "default".');
    expect(() => indicator.check('secrets', { degradedafter: 1 } as never)).toThrow('degradedAfter');
  });

  it('given an app without TerminusModule, when it starts, then that fails, and says what to do', async () => {
    const making = Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source: memorySource({}) })],
      providers: [HcpVaultHealthIndicator],
    }).setLogger(new CapturedLogger());
    const app = await making.compile();
    open.push(app);
    await expect(app.init()).rejects.toThrow('import TerminusModule in the app');
  });
});
