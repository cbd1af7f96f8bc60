import type { ServerResponse } from 'node:http';
import { STATUS_CODES } from 'node:http';
import { hideInOutput } from '../../core/redaction.js';
import type { Admission, Doorkeeper } from './doorkeeper.js';
import { statusPage } from './page/status-page.js';
import type { PlatformRequest, PlatformResponse } from './platform.js';
import { isAnswered, nodeRequest, takeResponse } from './platform.js';
import { isFromElsewhere } from './request-origin.js';
import type { StatusActions } from './status-actions.js';
import type { Viewers } from './viewers.js';

export interface StatusHandlerParts {
  readonly doorkeeper: Doorkeeper;
  readonly viewers: Viewers;
  /** Undefined where nobody may act. */
  readonly actions: StatusActions | undefined;
}

/** Of every answer: nothing of it is kept, framed, referred to, compressed or taken for something else. */
const HEADERS = {
  'cache-control': 'no-store, no-transform',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-robots-tag': 'noindex, nofollow',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  vary: 'accept, authorization, cookie',
} as const;

const NOTHING_RUNS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Answers what is asked at the page's path and below it. Never throws. */
export class StatusHandler {
  readonly #parts: StatusHandlerParts;

  constructor(parts: StatusHandlerParts) {
    this.#parts = parts;
  }

  /** The page for browsers, which holds nothing but itself; JSON for all others. */
  async show(request: PlatformRequest, response: PlatformResponse): Promise<void> {
    const { doorkeeper, viewers, actions } = this.#parts;
    const asked = nodeRequest(request);
    const isPage = /\btext\/html\b/.test(asked.headers.accept ?? '');
    const admission = await this.#admit(request, response, !isPage);
    if (isAnswered(response)) return;
    const answer = takeResponse(response);
    if (!isPage) return admission.isIn ? json(answer, 200, viewers.report()) : refuse(answer, admission);
    const { kind } = doorkeeper;
    // Who has a token sends it by what the page does, and not with the page.
    const status = admission.isIn || kind === 'token' ? 200 : admission.status;
    const { html, policy } = statusPage({ access: kind, isIn: admission.isIn, hasActions: actions !== undefined });
    write(answer, status, { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy }, html);
  }

  /** What changes, as server-sent events. */
  async stream(request: PlatformRequest, response: PlatformResponse): Promise<void> {
    const { viewers } = this.#parts;
    const admission = await this.#admit(request, response);
    if (isAnswered(response)) return;
    const answer = takeResponse(response);
    if (!admission.isIn) return refuse(answer, admission);
    if (!viewers.hasRoom) return refuse(answer, { isIn: false, status: 503 });
    answer.writeHead(200, {
      ...HEADERS,
      'content-security-policy': NOTHING_RUNS,
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      // Or the connection would outlive the stream, and keep a closing app.
      connection: 'close',
    });
    if (nodeRequest(request).method === 'HEAD' || answer.destroyed) return void answer.end();
    viewers.add(answer);
  }

  /** Does what is asked for. */
  async act(request: PlatformRequest, response: PlatformResponse): Promise<void> {
    const { actions, viewers } = this.#parts;
    const admission = await this.#admit(request, response);
    if (isAnswered(response)) return;
    const answer = takeResponse(response);
    if (!admission.isIn) return refuse(answer, admission);
    const { status, body } = (await actions?.answer(request)) ?? { status: 404, body: refusal(404) };
    viewers.look();
    json(answer, status, body);
  }

  async #admit(request: PlatformRequest, response: PlatformResponse, isForData = true): Promise<Admission> {
    if (isForData && isFromElsewhere(nodeRequest(request))) return { isIn: false, status: 403 };
    return this.#parts.doorkeeper.admit(request, response);
  }

  static {
    hideInOutput(StatusHandler.prototype, () => '[secrets status page]');
  }
}

export const refusal = (status: number): { statusCode: number; message: string } => ({
  statusCode: status,
  message: STATUS_CODES[status] ?? 'Refused',
});

function refuse(response: ServerResponse, admission: Admission): void {
  const { status } = admission as { status: number };
  if (status === 401 && !response.hasHeader('www-authenticate')) response.setHeader('www-authenticate', 'Bearer');
  json(response, status, refusal(status));
}

function json(response: ServerResponse, status: number, body: object): void {
  const headers = { 'content-type': 'application/json; charset=utf-8', 'content-security-policy': NOTHING_RUNS };
  write(response, status, headers, JSON.stringify(body));
}

function write(response: ServerResponse, status: number, headers: Record<string, string>, text: string): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...HEADERS, ...headers, 'content-length': String(Buffer.byteLength(text)) });
  response.end(text);
}
