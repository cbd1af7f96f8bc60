import type { IncomingMessage, ServerResponse } from 'node:http';
import { request } from 'node:http';
import type { TestServer } from './server.js';
import { startServer } from './server.js';

export interface Manners {
  /** How often percent-encoding is taken off. */
  readonly rounds?: number;
  /** Takes `\` for `/`, as IIS and every WHATWG URL do. */
  readonly backslashes?: boolean;
  /** Takes parameters off segments, as servlet containers do: `..;x` is `..`. */
  readonly parameters?: boolean;
  /** Maps characters to what they look like, as best-fit code pages do. */
  readonly bestFit?: boolean;
}

export interface Gateway extends TestServer {
  /** Paths as they arrived, and as they were sent on. */
  readonly passed: { readonly from: string; readonly to: string }[];
}

/** A gateway that decodes a request's path and resolves what it finds before it sends it on: with one round as nginx does for `proxy_pass http://up/;`. */
export async function startDecodingGateway(upstream: string, manners: Manners = {}): Promise<Gateway> {
  const passed: Gateway['passed'] = [];
  const server = await startServer((incoming, response) => {
    const [path = '', query] = (incoming.url ?? '').split('?');
    const to = resolvedPath(path, manners) + (query === undefined ? '' : `?${query}`);
    passed.push({ from: incoming.url ?? '', to });
    sendOn(incoming, response, upstream, to);
  });
  return Object.assign(server, { passed });
}

/** What becomes of a path. */
export function resolvedPath(path: string, { rounds = 1, backslashes, parameters, bestFit }: Manners): string {
  let text = path;
  for (let round = 0; round < rounds; round += 1) text = decoded(text);
  if (bestFit) text = text.normalize('NFKC');
  if (backslashes) text = text.replaceAll('\\', '/');
  if (parameters) text = text.replace(/;[^/]*/g, '');
  const resolved: string[] = [];
  for (const segment of text.split('/')) {
    if (segment === '..') resolved.pop();
    else if (segment !== '.' && segment !== '') resolved.push(segment);
  }
  return `/${resolved.map((segment) => encodeURIComponent(segment).replaceAll('%3A', ':')).join('/')}`;
}

/** Byte by byte, with overlong forms of UTF-8 and what IIS takes beside it. */
const decoded = (text: string): string =>
  text
    .replace(/%u([0-9a-f]{4})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    .replace(/%c0%ae/gi, '.')
    .replace(/%c0%af/gi, '/')
    .replace(/(?:%[0-9a-f]{2})+/gi, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8'));

function sendOn(incoming: IncomingMessage, response: ServerResponse, upstream: string, path: string): void {
  const { headers, method } = incoming;
  const outgoing = request(new URL(path, upstream), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on('error', () => response.destroy());
  outgoing.end(); // readings have no body
}
