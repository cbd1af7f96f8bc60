import { SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { parseJsonExactly } from '../../../core/secret/json.js';
import { KIND, recordOf, senseless } from '../kubernetes.errors.js';

/** One line of a watch. Its object may hold values. */
export interface WatchEvent {
  /** `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK`, `ERROR`. */
  readonly type: string;
  readonly object: unknown;
}

/** Bytes of a line at most: a Secret has 1.4 MB of Base64 at most, and annotations beside it. */
const LONGEST = 16 * 1024 * 1024;
const LINE_BREAK = 0x0a;

/** The events of a watch as they come, whole, wherever the chunks break. Throws SecretSourceUnavailableError for what is none. */
export async function* eventsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<WatchEvent> {
  let rest: Buffer[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let from = 0;
    // No character of UTF-8 has this byte within it.
    for (let at = chunk.indexOf(LINE_BREAK); at >= 0; at = chunk.indexOf(LINE_BREAK, from)) {
      const line = rest.length > 0 ? Buffer.concat([...rest, chunk.subarray(from, at)]) : chunk.subarray(from, at);
      rest = [];
      size = 0;
      from = at + 1;
      if (line.length > 0) yield eventOf(line);
    }
    if (from === chunk.length) continue;
    rest.push(chunk.subarray(from));
    size += chunk.length - from;
    if (size > LONGEST)
      throw new SecretSourceUnavailableError(`an event of the watch is larger than ${LONGEST} bytes.`, {
        sourceKind: KIND,
      });
  }
}

function eventOf(line: Buffer): WatchEvent {
  try {
    const { type, object } = recordOf(parseJsonExactly(line.toString('utf8')));
    if (typeof type === 'string') return { type, object };
  } catch {
    // the parser's error quotes the line
  }
  throw senseless('to a watch holds what is not an event');
}
