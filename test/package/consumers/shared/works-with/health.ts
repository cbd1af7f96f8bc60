import 'reflect-metadata';
import { Controller, Get, Inject, Module } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { HcpVaultClient, HcpVaultModule, InjectSecret, memorySource, rotatingProvider } from 'nestjs-hcp-vault';
import type { Rotating } from 'nestjs-hcp-vault';
import { HcpVaultHealthIndicator } from 'nestjs-hcp-vault/terminus';

const source = memorySource({ KEY: 'canary-of-health-1', ENDS: 'canary-of-health-2' });
const GRACE = 400;

@Controller()
class Probes {
  @InjectSecret('KEY') private readonly key!: string;

  constructor(
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HcpVaultHealthIndicator) private readonly secrets: HcpVaultHealthIndicator,
    @Inject('POOL') readonly pool: Rotating<object>,
  ) {}

  @Get('live')
  live(): unknown {
    return { status: 'ok' };
  }

  @Get('ready')
  ready(): unknown {
    return this.health.check([async () => this.secrets.check('secrets')]);
  }

  @Get('work')
  work(): unknown {
    return { length: this.key.length };
  }
}

@Module({
  imports: [
    TerminusModule.forRoot({ logger: false, gracefulShutdownTimeoutMs: GRACE }),
    HcpVaultModule.forRoot({
      source,
      required: ['ENDS'],
      refresh: { enabled: false },
      perSecret: { ENDS: { maxAge: '100ms', maxStale: '2s' } },
    }),
  ],
  controllers: [Probes],
  providers: [
    HcpVaultHealthIndicator,
    rotatingProvider({ provide: 'POOL', secret: 'ENDS', create: () => ({}), dispose: () => undefined }),
  ],
})
export class AppModule {}

interface Connection {
  level: string;
  troubles?: { name: string; problem: string }[];
  resources?: { name: string; problem: string }[];
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; tried < 200 && !(await isSo()); tried += 1)
    await new Promise((resolve) => setTimeout(resolve, 50));
}

/** What probes are told over HTTP: all well, the source away, a required secret ended, all well again, and while the app ends by a signal. */
export async function run(app: INestApplication): Promise<void> {
  process.on('SIGTERM', () => undefined); // Nest sends it again when the app has closed
  app.enableShutdownHooks(['SIGTERM']);
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const client = app.get(HcpVaultClient);
  const status = async (path: string): Promise<number> => (await fetch(`${url}/${path}`)).status;
  const probed = async (): Promise<unknown> => {
    const answer = await fetch(`${url}/ready`);
    const text = await answer.text();
    const { details } = JSON.parse(text) as { details: { secrets: { connections: { default: Connection } } } };
    const { level, troubles = [], resources = [] } = details.secrets.connections.default;
    const problems = [...troubles, ...resources].map(({ name, problem }) => `${name} ${problem}`).sort();
    return { ready: answer.status, level, problems, live: await status('live'), shows: text.includes('canary') };
  };
  const well = await probed();
  source.fail(new Error('away'));
  await client.refresh();
  const away = await probed();
  await until(async () => (await status('ready')) === 503);
  const ended = await probed();
  source.recover();
  await client.refresh();
  await until(async () => {
    await client.fetch('ENDS', { forceRefresh: true });
    return (await status('ready')) === 200; // the pool has followed
  });
  const again = await probed();
  process.kill(process.pid, 'SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, GRACE / 4));
  const closing = { ready: await status('ready'), work: await status('work') };
  console.log(JSON.stringify({ well, away, ended, again, closing }));
}
