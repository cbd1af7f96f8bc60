import type { AddressInfo } from 'node:net';
import type { DynamicModule, INestApplication, NestApplicationOptions } from '@nestjs/common';
import { Module } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { HcpVaultModuleOptions, HcpVaultStatusOptions, StatusReport } from 'nestjs-hcp-vault';
import { HcpVaultClient, HcpVaultModule, HcpVaultStatusModule } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../../support/captured-logger.js';
import { recordingSource } from '../../support/recording-source.js';

export type Framework = 'Express' | 'Fastify';
export const FRAMEWORKS = ['Express', 'Fastify'] as const;
export const TOKEN = 'canary-status-token-1';

export const adapterOf = (framework: Framework): AbstractHttpAdapter =>
  framework === 'Express' ? new ExpressAdapter() : new FastifyAdapter();

export interface ShownApp {
  readonly app: INestApplication;
  readonly origin: string;
  readonly client: HcpVaultClient;
  readonly logger: CapturedLogger;
  readonly recorded: ReturnType<typeof recordingSource>;
  /** Asks with the token. */
  ask(path?: string, init?: RequestInit): Promise<Response>;
  report(): Promise<StatusReport>;
  act(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface ShownOptions {
  readonly framework: Framework;
  readonly status?: Partial<HcpVaultStatusOptions>;
  readonly pages?: DynamicModule[];
  readonly imports?: unknown[];
  readonly providers?: unknown[];
  readonly controllers?: unknown[];
  readonly options?: NestApplicationOptions;
  readonly module?: HcpVaultModuleOptions;
  readonly setUp?: (app: INestApplication) => unknown;
  readonly values?: Record<string, string>;
}

/** An app with a status page at `secrets-status`, with the token TOKEN unless said otherwise, at work. */
export async function shownApp(given: ShownOptions): Promise<ShownApp> {
  const { framework, values = { KEY: 'canary-key-1', OTHER: 'canary-other-1' } } = given;
  const recorded = recordingSource(values);
  const logger = new CapturedLogger();
  const status = (given.status ?? { token: TOKEN }) as HcpVaultStatusOptions;
  const { source } = recorded;
  @Module({
    imports: [
      HcpVaultModule.forRoot({ source, required: Object.keys(values), refresh: { jitter: 0 }, ...given.module }),
      ...(given.pages ?? [HcpVaultStatusModule.register(status)]),
      ...((given.imports ?? []) as []),
    ],
    providers: (given.providers ?? []) as [],
    controllers: (given.controllers ?? []) as [],
  })
  class AppModule {}
  const app = await NestFactory.create(AppModule, adapterOf(framework), {
    logger,
    abortOnError: false,
    ...given.options,
  });
  try {
    await given.setUp?.(app);
    await app.listen(0, '127.0.0.1');
  } catch (error) {
    await app.close().catch(() => undefined);
    throw error;
  }
  const { port } = app.getHttpServer().address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  const ask = (path = '/secrets-status', init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) };
    return fetch(origin + path, { redirect: 'manual', ...init, headers });
  };
  return {
    app,
    origin,
    client: app.get(HcpVaultClient),
    logger,
    recorded,
    ask,
    report: async () => (await (await ask()).json()) as StatusReport,
    act: (body, headers = {}) =>
      ask('/secrets-status/actions', {
        method: 'POST',
        body: JSON.stringify(body),
        headers: { 'content-type': 'application/json', 'x-secrets-status': '1', ...headers },
      }),
  };
}

export interface Frame {
  readonly type: string;
  readonly data: Record<string, unknown>;
}

/** The frames of a stream, as they come, until the body ends. */
export async function* framesOf(answer: Response): AsyncGenerator<Frame> {
  let rest = '';
  for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + chunk).split('\n\n');
    rest = frames.pop()!;
    for (const frame of frames) {
      const [, type = '', data = ''] = /^event: (\w+)\ndata: (.*)$/.exec(frame) ?? [];
      yield { type, data: JSON.parse(data) as Record<string, unknown> };
    }
  }
}
