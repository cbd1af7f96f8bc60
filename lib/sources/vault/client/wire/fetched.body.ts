import { BodyStream } from '../../../http/index.js';

export interface FetchedBodyOptions {
  /** Milliseconds that one piece may take. */
  readonly timeout: number;
  /** Of the other side, and of our connection to it. */
  readonly abort: () => void;
  readonly errorOf: (failure: unknown) => Error;
  /** What a piece that takes too long is told as. */
  readonly late: () => Error;
}

/** The body of a user's own `fetch`, as the same stream that our transport gives. */
export function fetchedBody(response: Response, { timeout, abort, errorOf, late }: FetchedBodyOptions): BodyStream {
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader();
  let isReading = false;
  let isWhole = false;
  const read = async (): Promise<void> => {
    if (isReading) return;
    isReading = true;
    const timer = setTimeout(() => stream.break(late()), timeout);
    timer.unref();
    try {
      const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
      isReading = false;
      isWhole = done;
      stream.push(done ? null : value);
    } catch (error) {
      stream.break(error);
    } finally {
      clearTimeout(timer);
    }
  };
  const stream: BodyStream = new BodyStream({
    resume: () => void read(),
    cancel: () => {
      if (isWhole) return;
      abort();
      void reader?.cancel().catch(() => undefined);
    },
    errorOf,
  });
  return stream;
}
