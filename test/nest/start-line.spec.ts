import { Injectable } from '@nestjs/common';
import { ScheduleModule } from '@nestjs/schedule';
import type { SecretSource } from 'nestjs-hcp-vault';
import { HcpVaultClient, HcpVaultModule, InjectSecret, memorySource } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../support/captured-logger.js';
import { startBy } from '../support/starting-apps.js';

@Injectable()
class Payments {
  @InjectSecret('KEY') readonly key!: string;
  @InjectSecret('LATER', { optional: true }) readonly later?: string;
}

async function appWith(options: Parameters<typeof HcpVaultModule.forRoot>[0], imports: unknown[] = []) {
  const logger = new CapturedLogger();
  const parts = { imports: [...imports, HcpVaultModule.forRoot(options)], providers: [Payments] };
  return { logger, app: await startBy.createApplicationContext(parts, logger) };
}

const own = (logger: CapturedLogger): string[] =>
  logger.at('log', 'warn', 'error').filter((line) => line.startsWith('Connection "'));

describe('the line of a connection that has started', () => {
  it('given an app, when it starts, then one line tells connection, source, how many secrets, what is not there, next refresh and channel', async () => {
    const { app, logger } = await appWith({
      source: memorySource({ KEY: 'canary', OTHER: 'canary' }),
      required: ['OTHER'],
    });
    expect(own(logger)).toEqual([
      expect.stringMatching(
        /^Connection "default": 2 secrets from memory; not there: LATER; next refresh at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ; changes are not announced\.$/,
      ),
    ]);
    const at = new Date(/at (\S+Z)/.exec(own(logger)[0]!)![1]!).getTime();
    expect(at).toBeLessThanOrEqual(
      Math.min(
        ...app
          .get(HcpVaultClient)
          .status()
          .map((one) => one.nextRefreshAt!.getTime()),
      ),
    );
    expect(logger.text).not.toContain('canary');
    await app.close();
  });

  it('given a source with a place and a channel, and no refresh, when it starts, then the line says so', async () => {
    const memory = memorySource({ KEY: 'canary' });
    const source: SecretSource = {
      kind: 'mine',
      read: (names, context) => memory.read(names, context),
      describe: (name) => [{ source: 'mine', name, at: 'https://secrets.test' }],
      watch: () => () => undefined,
    };
    const { app, logger } = await appWith({ connection: 'default', source, refresh: { enabled: false } });
    expect(own(logger)).toEqual([
      'Connection "default": 1 secret from mine (https://secrets.test); not there: LATER; no refresh is planned; changes are announced.',
    ]);
    await app.close();
  });

  it('given a source that takes its time to listen, when the app has started before, then the line does not say that nothing is announced', async () => {
    const memory = memorySource({ KEY: 'canary' });
    const source: SecretSource = {
      kind: 'mine',
      read: (names, context) => memory.read(names, context),
      watch: () => new Promise(() => undefined),
    };
    const { app, logger } = await appWith({ source });
    expect(own(logger)).toEqual([expect.stringMatching(/; listening for changes begins\.$/)]);
    await app.close();
  });

  it('given a cron expression, when it starts, then the line has it', async () => {
    const options = { source: memorySource({ KEY: 'canary' }), refresh: { cron: '0 3 * * *' } } as const;
    const { app, logger } = await appWith(options, [ScheduleModule.forRoot()]);
    expect(own(logger)).toEqual([
      expect.stringContaining('; refreshed by cron "0 3 * * *"; changes are not announced.'),
    ]);
    await app.close();
  });

  it('given a rotation, when it comes in, then one line at debug level tells it, and closing adds none', async () => {
    const source = memorySource({ KEY: 'canary-1' });
    const { app, logger } = await appWith({ source });
    source.rotate('KEY', 'canary-2');
    await app.get(HcpVaultClient).refresh();
    expect(logger.at('debug')).toEqual(['Rotated in "default": "KEY" from 1 to 2.']);
    const before = logger.at('log', 'warn', 'error');
    await app.close();
    expect(logger.at('log', 'warn', 'error')).toEqual(before);
    expect(logger.text).not.toContain('canary');
  });
});
