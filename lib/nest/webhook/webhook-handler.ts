import type { ServerResponse } from 'node:http';
import type { WebhookAnswer, WebhookEndpoint } from '../../core/webhook/webhook-endpoint.js';
import { ENCODED, TOO_LARGE, TOO_SLOW, UNAVAILABLE } from '../../core/webhook/webhook-endpoint.js';
import type { NoBody, ParsedRequest } from './request-body.js';
import { MOST_AT_ONCE, RequestBodies } from './request-body.js';

/** Milliseconds that a verifier may take; after it the sender is to try again. */
const LONGEST = 10_000;
/** Milliseconds in which the rest of a body that nobody reads may still come. */
const DRAINING = 2_000;

const WITHOUT: Readonly<Record<NoBody, WebhookAnswer | undefined>> = {
  'too large': TOO_LARGE,
  'too slow': TOO_SLOW,
  'too many': UNAVAILABLE,
  taken: UNAVAILABLE,
  cut: undefined,
};

/** Answers the calls of one endpoint on Node's own request and response, which Express and Fastify both hand on. Never throws. */
export class WebhookHandler {
  readonly #bodies = new RequestBodies();
  /** Calls that a verifier has, each with its body. */
  #judged = 0;

  constructor(
    private readonly endpoint: WebhookEndpoint,
    /** Told where something before us has read the body. */
    private readonly onTaken: () => void,
  ) {}

  async handle(request: ParsedRequest, response: ServerResponse, address: string): Promise<void> {
    try {
      const answer = await this.#answer(request, address);
      if (answer) write(response, answer, request.complete);
      if (!request.complete) drain(request);
    } catch {
      response.destroy(); // what can't be written to is gone
    }
  }

  /** Undefined for who has gone meanwhile. */
  async #answer(request: ParsedRequest, address: string): Promise<WebhookAnswer | undefined> {
    const { method = 'GET', headers } = request;
    const encoding = headers['content-encoding'];
    const body = await this.#bodies.bytesOf(request);
    if (typeof body === 'string') {
      if (body === 'taken') this.onTaken();
      return WITHOUT[body];
    }
    // Of what is compressed, the bytes that were signed are not known, nor what they grow to.
    if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') return ENCODED;
    if (this.#judged >= MOST_AT_ONCE) return UNAVAILABLE;
    const [path = ''] = address.split('?', 1);
    const query = new URLSearchParams(address.slice(path.length));
    this.#judged += 1;
    try {
      const call = { method, headers, query, body, at: Date.now() };
      return await within(LONGEST, this.endpoint.answer(call), UNAVAILABLE);
    } finally {
      this.#judged -= 1;
    }
  }
}

function write(response: ServerResponse, { status, headers, body }: WebhookAnswer, isComplete: boolean): void {
  if (response.headersSent || response.destroyed) return;
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, {
    'cache-control': 'no-store',
    ...(status !== 204 && { 'content-type': 'application/json; charset=utf-8' }),
    // Event Grid takes no answer in chunks.
    ...(status !== 204 && { 'content-length': String(Buffer.byteLength(text)) }),
    ...(!isComplete && { connection: 'close' }),
    ...headers,
  });
  response.end(text);
}

/** Lets a sender that still sends read our answer, for a while. */
function drain(request: ParsedRequest): void {
  request.resume?.();
  const timer = setTimeout(() => request.destroy?.(), DRAINING);
  timer.unref?.();
  request.once?.('close', () => clearTimeout(timer));
}

async function within<T>(milliseconds: number, work: Promise<T>, otherwise: T): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const bound = new Promise<T>((resolve) => {
    timer = setTimeout(() => resolve(otherwise), milliseconds);
    timer.unref?.();
  });
  return Promise.race([work, bound]).finally(() => clearTimeout(timer));
}
