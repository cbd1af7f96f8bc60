import type { IncomingMessage } from 'node:http';

/** Bytes: what names a thousand secrets. */
const LARGEST = 128 * 1024;
/** Milliseconds for all of a body. */
const LONGEST = 10_000;
/** Bodies that are awaited at a time, and calls that are judged, of all senders and of whoever else calls. */
export const MOST_AT_ONCE = 128;

/** Why there is no body. `taken`: something before us has read it, and left no bytes. */
export type NoBody = 'too large' | 'too slow' | 'too many' | 'cut' | 'taken';

/** A request as the frameworks have it: with what a parser has left there. */
export type ParsedRequest = IncomingMessage & { readonly rawBody?: unknown; readonly body?: unknown };

/** The bytes of bodies, each within bounds of size and time, and not too many at once. */
export class RequestBodies {
  /** What gives up each of those that are awaited, the oldest first. */
  readonly #awaited = new Set<() => void>();

  async bytesOf(request: ParsedRequest): Promise<Buffer | NoBody> {
    const left = leftBy(request);
    if (left) return left.length > LARGEST ? 'too large' : left;
    if (request.readableDidRead || request.readableEnded) return hasBody(request) ? 'taken' : Buffer.alloc(0);
    if (Number(request.headers['content-length']) > LARGEST) return 'too large';
    // The oldest has had the most time: who holds calls open keeps nobody else out, for a sender's body comes at once.
    const [oldest] = this.#awaited;
    if (oldest && this.#awaited.size >= MOST_AT_ONCE) {
      this.#awaited.delete(oldest);
      oldest();
    }
    let giveUp: () => void = () => undefined;
    try {
      return await read(request, (give) => this.#awaited.add((giveUp = give)));
    } finally {
      this.#awaited.delete(giveUp);
    }
  }
}

/** What Nest (`rawBody: true`), a serverless host or a parser of bytes or text has left of a body that it read. */
function leftBy({ rawBody, body }: ParsedRequest): Buffer | undefined {
  for (const bytes of [rawBody, body]) {
    if (bytes instanceof Uint8Array) return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (typeof bytes === 'string') return Buffer.from(bytes);
  }
  return undefined;
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;

function read(request: IncomingMessage, onBegun: (giveUp: () => void) => void): Promise<Buffer | NoBody> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const finish = (outcome: Buffer | NoBody): void => {
      clearTimeout(timer);
      for (const [event, listener] of Object.entries(listeners)) request.off(event, listener);
      request.on('error', () => undefined); // whatever becomes of the rest, nobody reads it
      resolve(outcome);
    };
    const listeners = {
      data: (chunk: Buffer | string): void => {
        const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
        size += bytes.length;
        if (size > LARGEST) finish('too large');
        else chunks.push(bytes);
      },
      end: () => finish(Buffer.concat(chunks)),
      error: () => finish('cut'),
      close: () => finish('cut'),
    };
    const timer = setTimeout(() => finish('too slow'), LONGEST);
    timer.unref?.();
    for (const [event, listener] of Object.entries(listeners)) request.on(event, listener);
    onBegun(() => finish('too many'));
  });
}
