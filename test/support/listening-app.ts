import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, NestApplicationOptions } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HcpVaultModuleOptions } from 'nestjs-hcp-vault';
import { HcpVaultClient, HcpVaultModule } from 'nestjs-hcp-vault';
import { CapturedLogger } from './captured-logger.js';
import { recordingSource } from './recording-source.js';

export type Framework = 'Express' | 'Fastify';
export const FRAMEWORKS = ['Express', 'Fastify'] as const;

export const adapterOf = (framework: Framework): AbstractHttpAdapter =>
  framework === 'Express' ? new ExpressAdapter() : new FastifyAdapter();

export interface ListeningApp {
  readonly app: INestApplication;
  readonly origin: string;
  readonly client: HcpVaultClient;
  readonly logger: CapturedLogger;
  readonly recorded: ReturnType<typeof recordingSource>;
}

export interface ListeningOptions {
  readonly framework: Framework;
  readonly imports?: unknown[];
  readonly providers?: unknown[];
  readonly controllers?: unknown[];
  readonly options?: NestApplicationOptions;
  readonly module?: HcpVaultModuleOptions;
  readonly setUp?: (app: INestApplication) => unknown;
  readonly values?: Record<string, string>;
}

/** An app over a source that counts, with modules that answer by HTTP, at work on a port of its own. */
export async function listeningApp(
  given: ListeningOptions & { readonly values: Record<string, string> },
  modules: readonly DynamicModule[],
): Promise<ListeningApp> {
  const { framework, values } = given;
  const recorded = recordingSource(values);
  const logger = new CapturedLogger();
  const { source } = recorded;
  @Module({
    imports: [
      HcpVaultModule.forRoot({ source, required: Object.keys(values), refresh: { jitter: 0 }, ...given.module }),
      ...modules,
      ...((given.imports ?? []) as []),
    ],
    providers: (given.providers ?? []) as [],
    controllers: (given.controllers ?? []) as [],
  })
  class AppModule {}
  const options = { logger, abortOnError: false, ...given.options };
  const app = await NestFactory.create(AppModule, adapterOf(framework), options);
  try {
    await given.setUp?.(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  return { app, origin: `http://127.0.0.1:${port}`, client: app.get(HcpVaultClient), logger, recorded };
}
