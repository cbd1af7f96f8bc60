import type { IncomingMessage, ServerResponse } from 'node:http';

export async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

export function reply(response: ServerResponse, status: number, body?: unknown): void {
  if (body === undefined) return void response.writeHead(status).end();
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body));
}

/** As the service words it: `innererror` in lower case. */
export function error(response: ServerResponse, status: number, code: string, message: string, inner?: string): void {
  reply(response, status, { error: { code, message, ...(inner !== undefined && { innererror: { code: inner } }) } });
}
