import { request } from 'undici';
import { startServer } from '../../support/server.js';

export interface RecordingFront {
  readonly address: string;
  /** How many requests of this method went to this path. */
  count(method: string, path: string): number;
}

/** Stands before a server and passes all on, so that a test can count what goes over the wire. `stopServers` ends it. */
export async function startRecordingFront(target: string): Promise<RecordingFront> {
  const front = await startServer((message, response) => {
    const { method, path, headers, body } = front.requests.findLast(({ path: one }) => one === message.url)!;
    const { host: _host, connection: _connection, 'content-length': _length, ...passed } = headers;
    request(target + path, { method: method as 'GET', headers: passed as Record<string, string>, body: body || null })
      .then(async (answer) => {
        response.writeHead(answer.statusCode, { 'content-type': 'application/json' });
        response.end(await answer.body.text());
      })
      .catch(() => response.destroy());
  });
  return {
    address: front.url,
    count: (method, path) => front.requests.filter((it) => it.method === method && it.path === path).length,
  };
}
