import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { checkServerIdentity } from 'node:tls';

/** What a server says to somebody whom it doesn't know. */
export interface ServerAnswer {
  readonly status?: number | undefined;
  /** Milliseconds by which our clock is ahead. */
  readonly skew?: number | undefined;
  /** Where it is JSON. */
  readonly json?: Readonly<Record<string, unknown>> | undefined;
  readonly certificate?: ServerCertificate;
  /** The code of a handshake that failed. */
  readonly tlsFault?: string;
}

export interface ServerCertificate {
  readonly from: Date;
  readonly until: Date;
  readonly isForHost: boolean;
  /** That it is for, as far as a line holds them. */
  readonly names: string;
}

/** Characters. */
const MOST = 16_384;

/** One GET without credentials. Certificates are looked at, whoever signed them; nothing is sent that anybody may not see. */
export function answerOf(url: URL, patience: number): Promise<ServerAnswer> {
  return new Promise((resolve) => {
    const isTls = url.protocol === 'https:';
    let certificate: ServerCertificate | undefined;
    const sent = Date.now();
    const options = { method: 'GET', timeout: patience, agent: false, headers: { accept: 'application/json' } };
    const request = isTls ? requestTls(url, { ...options, rejectUnauthorized: false }) : requestPlain(url, options);
    const end = (answer: ServerAnswer): void => {
      request.destroy();
      resolve({ ...answer, ...(certificate && { certificate }) });
    };
    request.once('socket', (socket) => {
      socket.once('secureConnect', () => (certificate = certificateOf(socket as TLSSocket, url.hostname)));
    });
    request.once('timeout', () => end({}));
    request.once('error', ({ code = '' }: NodeJS.ErrnoException) => {
      const isHandshake = isTls && !certificate && /^(?:ERR_SSL|EPROTO)/.test(code);
      end(isHandshake ? { tlsFault: code } : {});
    });
    request.once('response', (response) => {
      const { statusCode: status, headers } = response;
      const date = Date.parse(headers.date ?? '');
      // Dates are of whole seconds.
      const skew = Number.isNaN(date) ? undefined : (sent + Date.now()) / 2 - date - 500;
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        if (text.length < MOST) text += chunk;
      });
      response.once('close', () => end({ status, skew, json: jsonOf(text) }));
    });
    request.end();
  });
}

function certificateOf(socket: TLSSocket, host: string): ServerCertificate | undefined {
  const found = socket.getPeerCertificate();
  if (!found?.valid_to) return undefined;
  const names = (found.subjectaltname ?? '').replace(/\b(?:DNS|IP Address):/g, '').slice(0, 120) || 'no name';
  return {
    from: new Date(found.valid_from),
    until: new Date(found.valid_to),
    isForHost: checkServerIdentity(host.replace(/^\[|\]$/g, ''), found) === undefined,
    names,
  };
}

function jsonOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
