import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Test } from '@nestjs/testing';
import type { HcpVaultClient } from 'nestjs-hcp-vault';
import { getClientToken, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../support/captured-logger.js';
import { settled } from '../support/fake-clock.js';
import { CompiledPackage } from '../sample-app/compiled-package.js';

const compiled = new CompiledPackage();
const file = 'test/nest/fixtures/signalled.main.ts';
const program = compiled.write(file, readFileSync(file, 'utf8'));
afterAll(() => compiled.remove());

const open: { close(): Promise<void> }[] = [];

async function appWith(connections: Record<string, ReturnType<typeof memorySource>>, onSignal: 'SIGHUP' | 'SIGUSR2') {
  const logger = new CapturedLogger();
  const app = await Test.createTestingModule({
    imports: Object.entries(connections).map(([connection, source]) =>
      HcpVaultModule.forRoot({ connection, source, required: ['KEY'], refresh: { onSignal } }),
    ),
  })
    .setLogger(logger)
    .compile();
  open.push(app);
  await app.init();
  return { app, logger, client: (name: string) => app.get<HcpVaultClient<string>>(getClientToken(name)) };
}

describe('refresh.onSignal', () => {
  afterEach(async () => {
    for (const app of open.splice(0)) await app.close();
  });

  it('given a connection that is paused, when the process gets the signal, then all is read, and the log tells what came of it', async () => {
    const source = memorySource({ KEY: 'canary-1', SAME: 'canary-2' });
    const { client, logger } = await appWith({ default: source }, 'SIGHUP');
    await client('default').fetch('SAME');
    client('default').pause();
    source.rotate('KEY', 'canary-3');
    process.emit('SIGHUP', 'SIGHUP');
    await settled(20);
    expect(client('default').get('KEY')).toBe('canary-3');
    expect(client('default').isPaused).toBe(true);
    expect(logger.at('log').filter((line) => line.startsWith('SIGHUP'))).toEqual([
      'SIGHUP: all secrets of "default" are read.',
      'SIGHUP: of the secrets of "default" 1 changed, 1 did not, 0 failed.',
    ]);
  });

  it('given a source that fails, when the signal comes, then the log names what failed, and nothing else happens', async () => {
    const source = memorySource({ KEY: 'canary-1' });
    const { client, logger } = await appWith({ default: source }, 'SIGUSR2');
    source.fail(new Error('canary-text'));
    process.emit('SIGUSR2', 'SIGUSR2');
    await settled(20);
    expect(client('default').get('KEY')).toBe('canary-1');
    expect(logger.text).toContain('0 changed, 0 did not, 1 failed (KEY)');
    expect(logger.text).not.toContain('canary');
  });

  it('given a process of its own, when it gets the signal, then it goes on, with what was read', () => {
    const env = { PATH: process.env['PATH'], NO_COLOR: '1' };
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', env });
    expect(stderr).toBe('');
    expect(stdout).toContain('rotated: true');
    expect(stdout).not.toContain('canary');
    expect(status).toBe(0);
  }, 60_000);

  it("given Nest's hooks for all signals, when the app starts, then a warning says that they end it", async () => {
    const source = memorySource({ KEY: 'canary-1' });
    const app = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source, refresh: { onSignal: 'SIGHUP' } })],
    }).compile();
    open.push(app);
    const logger = new CapturedLogger();
    app.useLogger(logger);
    app.enableShutdownHooks();
    await app.init();
    expect(logger.at('warn').join()).toContain("app.enableShutdownHooks(['SIGTERM', 'SIGINT'])");
  });

  it('given ten signals at once, when they come, then they are two readings', async () => {
    const source = memorySource({ KEY: 'canary-1' });
    const { logger } = await appWith({ default: source }, 'SIGHUP');
    for (let times = 0; times < 10; times += 1) process.emit('SIGHUP', 'SIGHUP');
    await settled(40);
    expect(logger.at('log').filter((line) => line.includes('are read'))).toHaveLength(2);
  });

  it('given twenty connections, when the app runs and closes, then the process has one listener more, and none after', async () => {
    const before = process.listenerCount('SIGHUP');
    const connections = Array.from({ length: 20 }, (_, n) => [`c${n}`, memorySource({ KEY: 'canary-1' })] as const);
    const { app, client } = await appWith(Object.fromEntries(connections), 'SIGHUP');
    expect(process.listenerCount('SIGHUP')).toBe(before + 1);
    connections.forEach(([, source]) => source.rotate('KEY', 'canary-2'));
    process.emit('SIGHUP', 'SIGHUP');
    await settled(20);
    expect(connections.map(([name]) => client(name).get('KEY'))).toEqual(Array(20).fill('canary-2'));
    await app.close();
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });

  it('given a start that fails after its signals are listened to, when it is over, then none is', async () => {
    const before = process.listenerCount('SIGHUP');
    const ok = HcpVaultModule.forRoot({ source: memorySource({ KEY: 'canary-1' }), refresh: { onSignal: 'SIGHUP' } });
    const failing = { provide: 'FAILING', useValue: { onModuleInit: () => Promise.reject(new Error('no')) } };
    const app = await Test.createTestingModule({ imports: [ok], providers: [failing] }).compile();
    await expect(app.init()).rejects.toThrow('no');
    await app.close();
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });

  it.each(['SIGTERM', 'SIGINT', 'SIGKILL', 'SIGUSR1', 'sighup', 1])(
    'given %s, when the module is made, then that is refused, by the option',
    (onSignal) => {
      const refresh = { onSignal } as never;
      expect(() => HcpVaultModule.forRoot({ source: memorySource({}), refresh })).toThrow('refresh.onSignal');
    },
  );
});
