// A function as a service: the app is made by the first call, and kept for those that find the process warm.
import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient, HcpVaultModule, InjectSecret, type SecretError } from 'nestjs-hcp-vault';

@Injectable()
class Payments {
  @InjectSecret('KEY') readonly key!: string;

  constructor(private readonly client: HcpVaultClient) {}

  async handle(): Promise<Record<string, unknown>> {
    const atOnce = this.key;
    // After a pause these wait for the reading of what was overdue.
    const [key, user] = await Promise.all([
      this.client.fetch<string>('KEY'),
      this.client.fetch<string>('DB', { field: 'values.user' }).catch(({ code }: SecretError) => code),
    ]);
    return { atOnce, key, user, property: this.key };
  }

  stale(): string[] {
    return this.client
      .status()
      .filter(({ stale }) => stale)
      .map(({ name }) => name);
  }
}

@Module({
  // The source is named by HCP_CLIENT_ID and the rest of the environment. Times are those of a test.
  imports: [
    HcpVaultModule.forRoot({
      required: ['KEY', 'DB'],
      cache: { maxAge: '1s' },
      refresh: { jitter: 0 },
      timeout: '600ms',
    }),
  ],
  providers: [Payments],
})
class AppModule {}

let app: Promise<INestApplicationContext> | undefined;

async function start(): Promise<INestApplicationContext> {
  return NestFactory.createApplicationContext(AppModule, { logger: ['warn', 'error'], abortOnError: false });
}

export async function handler(): Promise<Record<string, unknown>> {
  app ??= start().catch((error: unknown) => {
    app = undefined; // the next call tries again
    throw error;
  });
  const payments = (await app).get(Payments);
  return { ...(await payments.handle()), stale: payments.stale() };
}

export async function end(): Promise<void> {
  await (await app)?.close();
}
