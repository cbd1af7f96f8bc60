import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canaries } from './canaries.js';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A server before the emulator: makes its access tokens canaries, and lets a test answer in its place with what a well-behaved service
 * never says.
 */
export async function startFront(target: string) {
  const tokens: string[] = [];
  let instead: Answer | undefined;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on('data', (chunk: Buffer) => chunks.push(chunk))
      .on('end', () => {
        if (instead && !request.url?.startsWith('/oauth2')) return instead(request, response);
        forward(request, Buffer.concat(chunks), response).catch(() => response.destroy());
      });
  });

  async function forward(request: IncomingMessage, body: Buffer, response: ServerResponse): Promise<void> {
    const headers = new Headers();
    for (const name of ['authorization', 'content-type', 'accept']) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const [, number] =
      new RegExp(`^Bearer ${canaries.accessToken}-(\\d+)$`).exec(headers.get('authorization') ?? '') ?? [];
    if (number) headers.set('authorization', `Bearer ${tokens[Number(number)]}`);
    const init = { method: request.method ?? 'GET', headers, ...(body.length > 0 && { body }) };
    const answer = await fetch(`${target}${request.url}`, init);
    let text = await answer.text();
    if (request.url?.startsWith('/oauth2') && answer.ok) {
      const issued = JSON.parse(text) as { access_token: string };
      text = JSON.stringify({
        ...issued,
        access_token: `${canaries.accessToken}-${tokens.push(issued.access_token) - 1}`,
      });
    }
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** How many tokens were turned into canaries. */
    issued: () => tokens.length,
    /** Answers in the API's place, until `undefined`. */
    answerWith: (answer: Answer | undefined) => void (instead = answer),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
