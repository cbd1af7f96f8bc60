import { isBytes } from '../../core/secret/secret-value.js';
import { parseJsonDocument } from '../../core/secret/json.js';
import type { SecretRotatedEvent } from '../../core/store/rotation-event.js';

/** Shorter texts stand in any message by chance, and are no secrets worth the name. */
const SHORTEST = 4;

/** What an error of the user’s own code says, with every part of the secret that it may quote (a DSN in a driver’s message) taken out. */
export function withoutValues(error: unknown, event: SecretRotatedEvent): string {
  let text = error instanceof Error || hasStack(error) ? (error.stack ?? error.message) : String(error);
  const parts = [...new Set([...textsOf(event.current), ...textsOf(event.previous)])];
  for (const part of parts.sort((a, b) => b.length - a.length)) {
    for (const spelling of [part, encodeURIComponent(part), JSON.stringify(part).slice(1, -1)]) {
      text = text.replaceAll(spelling, `[secret ${event.name}]`);
    }
  }
  return text;
}

/** An error of another realm. */
function hasStack(error: unknown): error is Error {
  return typeof error === 'object' && error !== null && 'stack' in error && 'message' in error;
}

function* textsOf(value: unknown): Iterable<string> {
  if (typeof value === 'string') {
    if (value.length >= SHORTEST) yield value;
    const document = parseJsonDocument(value);
    if (document) yield* textsOf(document);
  } else if (typeof value === 'number' && String(value).length >= SHORTEST) {
    yield String(value);
  } else if (typeof value === 'object' && value !== null && !isBytes(value)) {
    for (const item of Object.values(value)) yield* textsOf(item);
  }
}
