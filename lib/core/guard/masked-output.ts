import type { Masking } from './masking.js';

type Write = (chunk: unknown, ...rest: unknown[]) => boolean;

/** Masks whole writes to the process's output that are made while `work` runs. */
export function maskedWrites<R>(masking: Masking, work: () => R): R {
  const restore = [process.stdout, process.stderr].map((stream) => replaceWrite(stream, (write) => (chunk, ...rest) => {
    const masked = typeof chunk === 'string' ? masking.mask(chunk) : chunk instanceof Uint8Array ? masking.maskBytes(chunk) : chunk; // prettier-ignore
    return write(masked, ...rest);
  })); // prettier-ignore
  try {
    return work();
  } finally {
    for (const undo of restore) undo();
  }
}

/** Puts another `write` before a stream's; the function that comes back takes it away, where nobody has put another over it. */
export function replaceWrite(stream: NodeJS.WriteStream, wrap: (write: Write) => Write): () => void {
  const own = Object.getOwnPropertyDescriptor(stream, 'write');
  const before = stream.write.bind(stream) as Write;
  const replaced = wrap(before) as typeof stream.write;
  Object.defineProperty(stream, 'write', { value: replaced, configurable: true, writable: true, enumerable: own?.enumerable ?? false });
  return () => {
    if (stream.write !== replaced) return;
    if (own) Object.defineProperty(stream, 'write', own);
    else Reflect.deleteProperty(stream, 'write');
  };
} // prettier-ignore
