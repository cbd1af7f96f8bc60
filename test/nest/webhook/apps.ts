import { request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, NestApplicationOptions } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HcpVaultModuleOptions, HcpVaultWebhookOptions } from 'nestjs-hcp-vault';
import { HcpVaultClient, HcpVaultModule, HcpVaultWebhookModule } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../../support/captured-logger.js';
import { recordingSource } from '../../support/recording-source.js';
import type { Sent } from './senders.js';

export type Framework = 'Express' | 'Fastify';
export const FRAMEWORKS = ['Express', 'Fastify'] as const;

export const adapterOf = (framework: Framework): AbstractHttpAdapter =>
  framework === 'Express' ? new ExpressAdapter() : new FastifyAdapter();

export interface HookedApp {
  readonly app: INestApplication;
  readonly origin: string;
  readonly client: HcpVaultClient;
  readonly logger: CapturedLogger;
  readonly recorded: ReturnType<typeof recordingSource>;
  /** Readings since the start, of names or of all. */
  readings(): number;
  /** The status, and the body where there is one. */
  call(sent: Partial<Sent> & { path?: string; method?: string }): Promise<[number, string, Headers]>;
  close(): Promise<void>;
}

export interface HookedOptions {
  readonly framework: Framework;
  readonly verify?: HcpVaultWebhookOptions['verify'];
  readonly hooks?: DynamicModule[];
  readonly imports?: unknown[];
  readonly providers?: unknown[];
  readonly controllers?: unknown[];
  readonly options?: NestApplicationOptions;
  readonly module?: HcpVaultModuleOptions;
  readonly setUp?: (app: INestApplication) => void;
  readonly values?: Record<string, string>;
}

/** An app with a webhook at `hooks/secrets`, at work. */
export async function hookedApp(given: HookedOptions): Promise<HookedApp> {
  const { framework, verify, options = { rawBody: true }, values = { KEY: 'v1', OTHER: 'o1' } } = given;
  const recorded = recordingSource(values);
  const logger = new CapturedLogger();
  const hooks = given.hooks ?? [HcpVaultWebhookModule.register({ path: 'hooks/secrets', verify: verify! })];
  const source = recorded.source;
  @Module({
    imports: [
      HcpVaultModule.forRoot({ source, required: Object.keys(values), refresh: { jitter: 0 }, ...given.module }),
      ...hooks,
      ...((given.imports ?? []) as []),
    ],
    providers: (given.providers ?? []) as [],
    controllers: (given.controllers ?? []) as [],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapterOf(framework), { logger, abortOnError: false, ...options });
  given.setUp?.(app);
  try {
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const readings = (): number => recorded.reads.length + recorded.enumerations;
  const atStart = readings();
  return {
    app,
    origin,
    client: app.get(HcpVaultClient),
    logger,
    recorded,
    readings: () => readings() - atStart,
    async call({ path = '/hooks/secrets', query = '', method = 'POST', headers = {}, body }) {
      const answer = await fetch(origin + path + query, { method, headers, ...(body !== undefined && { body }) });
      return [answer.status, await answer.text(), answer.headers];
    },
    close: () => app.close(),
  };
}

/** Sends a head and a part of a body, and waits for the answer; gives its status and how long it took. */
export function sendSlowly(origin: string, headers: Record<string, string>, part: string): Promise<[number, number]> {
  return new Promise((resolve, reject) => {
    const from = performance.now();
    const request = httpRequest(`${origin}/hooks/secrets`, { method: 'POST', headers }, (response) => {
      response.resume();
      resolve([response.statusCode ?? 0, performance.now() - from]);
      request.destroy();
    });
    request.on('error', reject);
    request.write(part);
  });
}

/** Waits, a little at a time, until it is so. */
export async function until(isSo: () => boolean, within = 5_000): Promise<void> {
  const deadline = performance.now() + within;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error('it did not come to be so');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
