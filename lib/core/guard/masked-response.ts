import { Buffer } from 'node:buffer';
import type { Masking } from './masking.js';
import { Covering } from './masking.js';
import { SplitText } from './split-text.js';

/** What Express's response and Fastify's raw one have in common. */
export interface WritableResponse {
  write(...parameters: unknown[]): unknown;
  end(...parameters: unknown[]): unknown;
}

const guarded = new WeakSet<object>();

/**
 * Covers what shows a secret in the bytes of a response, whoever writes them: files, streams, templates, filters of exceptions, handlers that take the
 * response themselves. As many bytes as there were go out, as the response has told their number.
 */
export function guardResponse(response: WritableResponse, masking: Masking): void {
  if (guarded.has(response)) return;
  guarded.add(response);
  const { matcher, catches, place, from } = masking;
  const text = new SplitText(new Covering(matcher, catches, place, from));
  const write = response.write.bind(response);
  const end = response.end.bind(response);
  let isOver = false;
  response.write = (...parameters) => {
    const [given, ...rest] = divided(parameters);
    if (given === undefined || isOver) return write(...parameters);
    return write(Buffer.from(text.take(given), 'latin1'), ...rest);
  };
  response.end = (...parameters) => {
    const [given, ...rest] = divided(parameters);
    if (isOver) return end(...parameters);
    isOver = true; // what `end` writes comes here again
    const last = (given === undefined ? '' : text.take(given)) + text.end();
    return last === '' ? end(...(given === undefined ? parameters : rest)) : end(Buffer.from(last, 'latin1'), ...rest);
  };
}

/** The bytes that are written, each as a character, where there are any; and whom to tell when it is done. */
function divided(parameters: readonly unknown[]): [string | undefined, ...unknown[]] {
  const [chunk, encoding] = parameters;
  const rest = parameters.filter((parameter) => typeof parameter === 'function');
  if (chunk instanceof Uint8Array) {
    return [Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1'), ...rest];
  }
  if (typeof chunk !== 'string') return [undefined, ...rest];
  const bytes = Buffer.from(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8');
  return [bytes.toString('latin1'), ...rest];
}
