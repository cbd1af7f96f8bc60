import { request as sending } from 'node:http';
import { request as sendingByTls } from 'node:https';
import type { Quota } from '../../../lib/testing/contract/index.js';
import { startServer } from '../../sources/support/server.js';
import { tokenBucket } from '../../sources/support/token-bucket.js';

export interface Refusal {
  readonly status: number;
  readonly body: object;
}

/** What stands in front of a backend says of one that is down, and of one that is asked too much. */
export interface Refusals {
  readonly down: Refusal;
  readonly throttled: Refusal;
  /** PEM of the backend's CA, where it speaks TLS. */
  readonly ca?: string;
}

/** In front of a backend, so that it can fail for one source, or have a quota, without the others'; counts what comes. */
export async function startGate(backend: string, { down, throttled, ca }: Refusals) {
  let isDown = false;
  let bucket: (() => boolean) | undefined;
  let count = 0;
  const server = await startServer((request, response) => {
    const { body } = server.requests.at(-1)!;
    const { url = '', method } = request;
    const refuse = ({ status, body: said }: Refusal): void =>
      void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said));
    count += 1;
    if (isDown) return refuse(down);
    if (bucket && !bucket()) return refuse(throttled);
    // Sent on as it came: a URL that is parsed loses what odd names are made of.
    const { hostname, port } = new URL(backend);
    const onward = (ca === undefined ? sending : sendingByTls)({
      hostname,
      port,
      path: url,
      method,
      ...(ca !== undefined && { ca }),
      headers: { ...request.headers, host: `${hostname}:${port}` },
    });
    onward.on('response', (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders(); // a watch has no body for a while
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    onward.end(body);
  });
  return {
    url: server.url,
    stop: () => server.stop(),
    fail: () => (isDown = true),
    recover: () => {
      isDown = false;
      bucket = undefined;
    },
    requests: () => count,
    throttle: (quota: Quota) => (bucket = tokenBucket(quota)),
  };
}
