import { request as httpRequest } from 'node:http';
import type { DynamicModule } from '@nestjs/common';
import type { HcpVaultWebhookOptions } from 'nestjs-hcp-vault';
import { HcpVaultWebhookModule } from 'nestjs-hcp-vault';
import { listeningApp, type ListeningApp, type ListeningOptions } from '../../support/listening-app.js';
import type { Sent } from './senders.js';

export { adapterOf, FRAMEWORKS, type Framework } from '../../support/listening-app.js';

export interface HookedApp extends ListeningApp {
  /** Readings since the start, of names or of all. */
  readings(): number;
  /** The status, and the body where there is one. */
  call(sent: Partial<Sent> & { path?: string; method?: string }): Promise<[number, string, Headers]>;
  close(): Promise<void>;
}

export interface HookedOptions extends ListeningOptions {
  readonly verify?: HcpVaultWebhookOptions['verify'];
  readonly hooks?: DynamicModule[];
}

/** An app with a webhook at `hooks/secrets`, at work. */
export async function hookedApp(given: HookedOptions): Promise<HookedApp> {
  const { verify, options = { rawBody: true }, values = { KEY: 'v1', OTHER: 'o1' } } = given;
  const hooks = given.hooks ?? [HcpVaultWebhookModule.register({ path: 'hooks/secrets', verify: verify! })];
  const listening = await listeningApp({ ...given, options, values }, hooks);
  const { app, origin, recorded } = listening;
  const readings = (): number => recorded.reads.length + recorded.enumerations;
  const atStart = readings();
  return {
    ...listening,
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
