import 'reflect-metadata';
import { BadRequestException, Controller, Get, Header, Logger, Module, Res } from '@nestjs/common';
import type { INestApplication, LoggerService } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { HcpVaultClient, HcpVaultModule, InjectSecret, memorySource } from 'nestjs-hcp-vault';
import { secretsGuard, SecretsGuard, SecretsGuardInterceptor } from 'nestjs-hcp-vault/guard';

// Short values are not looked for.
const VALUES = ['canary-of-the-guard-1', 'canary-of-the-guard-2'] as const;
const source = memorySource({ KEY: VALUES[0] });

@Controller()
class Keys {
  private readonly logger = new Logger('Keys');
  @InjectSecret('KEY') private readonly key!: string;

  @Get()
  read(): unknown {
    this.logger.warn(`taken: ${this.key}`);
    return { key: this.key, replaced: VALUES[0], known: VALUES.indexOf(this.key as (typeof VALUES)[number]) };
  }

  @Get('header')
  @Header('x-key', 'none')
  header(@Res({ passthrough: true }) response: { header(name: string, value: string): unknown }): string {
    response.header('x-key', `Bearer ${this.key}`);
    return 'done';
  }

  @Get('error')
  fail(): never {
    throw new BadRequestException(`refused: ${this.key}`);
  }

  @Get('raw')
  raw(@Res() response: { send(body: string): unknown }): void {
    response.send(`written: ${this.key}`);
  }
}

@Module({
  imports: [HcpVaultModule.forRoot({ source, refresh: { enabled: false } })],
  controllers: [Keys],
  providers: [
    { provide: SecretsGuard, inject: [HcpVaultClient], useFactory: (client: HcpVaultClient) => secretsGuard(client) },
    { provide: APP_INTERCEPTOR, useClass: SecretsGuardInterceptor },
  ],
})
export class AppModule {}

/** What a route, a header, an error, a response written by hand, and the log show of a secret, before and after a rotation. */
export async function run(app: INestApplication): Promise<void> {
  const lines: unknown[] = [];
  const add = (message: unknown): void => void lines.push(message);
  const logger: LoggerService = { log: () => undefined, warn: add, error: add };
  app.useLogger(app.get(SecretsGuard).logger(logger));
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const shown = async (): Promise<unknown> => {
    const body: unknown = await (await fetch(url)).json();
    const header = (await fetch(`${url}/header`)).headers.get('x-key');
    const { message } = (await (await fetch(`${url}/error`)).json()) as { message: string };
    const raw = await (await fetch(`${url}/raw`)).text();
    return { body, header, message, raw, lines: lines.splice(0) };
  };
  const before = await shown();
  source.rotate('KEY', VALUES[1]);
  await app.get(HcpVaultClient).refresh();
  const after = await shown();
  await app.close();
  console.log(JSON.stringify({ before, after }));
}
