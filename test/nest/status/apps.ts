import type { DynamicModule } from '@nestjs/common';
import type { HcpVaultStatusOptions, StatusReport } from 'nestjs-hcp-vault';
import { HcpVaultStatusModule } from 'nestjs-hcp-vault';
import { listeningApp, type ListeningApp, type ListeningOptions } from '../../support/listening-app.js';

export { adapterOf, FRAMEWORKS, type Framework } from '../../support/listening-app.js';
export const TOKEN = 'canary-status-token-1';

export interface ShownApp extends ListeningApp {
  /** Asks with the token. */
  ask(path?: string, init?: RequestInit): Promise<Response>;
  report(): Promise<StatusReport>;
  act(body: unknown, headers?: Record<string, string>): Promise<Response>;
}

export interface ShownOptions extends ListeningOptions {
  readonly status?: Partial<HcpVaultStatusOptions>;
  readonly pages?: DynamicModule[];
}

/** An app with a status page at `secrets-status`, with the token TOKEN unless said otherwise, at work. */
export async function shownApp(given: ShownOptions): Promise<ShownApp> {
  const { values = { KEY: 'canary-key-1', OTHER: 'canary-other-1' } } = given;
  const status = (given.status ?? { token: TOKEN }) as HcpVaultStatusOptions;
  const listening = await listeningApp({ ...given, values }, given.pages ?? [HcpVaultStatusModule.register(status)]);
  const ask = (path = '/secrets-status', init: RequestInit = {}): Promise<Response> => {
    const headers = { authorization: `Bearer ${TOKEN}`, ...(init.headers as Record<string, string>) };
    return fetch(listening.origin + path, { redirect: 'manual', ...init, headers });
  };
  return {
    ...listening,
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
