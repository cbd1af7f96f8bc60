import { foreignCause, property } from './foreign-cause.js';
import { isSecretError } from './secret.error.js';

/**
 * What may be told of an error of the user's own code, or of a library that it calls: name, code, status, and where it was thrown. Its message may quote
 * a value, or half of one, or one in another spelling: no search would find it, so it is never told. An error of ours is told whole.
 */
export function foreignText(error: unknown): string {
  return [foreignLabel(error), ...framesOf(error)].join('\n');
}

/** The same in one line: `DatabaseError (code 28P01)`. */
export function foreignLabel(error: unknown): string {
  if (isSecretError(error)) return `${error.name}: ${error.message.replace(/\n\s*(?:- )?/g, ' ')}`;
  const { name, code, status } = foreignCause(error) ?? { name: String(error) };
  if (typeof error !== 'object' && typeof error !== 'function') return `no Error was thrown, but: ${name}`;
  const facts = [code !== undefined && `code ${code}`, status !== undefined && `status ${status}`].filter(Boolean);
  return facts.length > 0 ? `${name} (${facts.join(', ')})` : name;
}

/** A stack may be without end (`Error.stackTraceLimit`), or be made of one call over and over. */
const MOST_FRAMES = 30;
const MOST_TEXT = 4096;

/**
 * The lines of a stack that tell where it was thrown. A stack begins with the message as it was, which may have been changed since: there are
 * no lines but behind exactly the head that V8 makes of name and message.
 */
export function framesOf(error: unknown): string[] {
  const [stack, message] = [property(error, 'stack'), property(error, 'message')];
  if (typeof stack !== 'string' || typeof message !== 'string') return [];
  // The name at construction: classes that set `this.name` later have another one by now. Node puts a code behind it.
  const [name] = /^[\w$.]{1,80}(?: \[\w{1,80}\])?/.exec(stack) ?? [];
  if (name === undefined) return [];
  const head = message === '' ? `${name}\n` : `${name}: ${message}\n`;
  if (!stack.startsWith(head)) return [];
  // The last line may be half a one, which tells another place.
  const rest = stack.slice(head.length);
  const lines = rest.slice(0, MOST_TEXT).split('\n');
  if (rest.length > MOST_TEXT) lines.pop();
  const end = lines.findIndex((line) => !line.startsWith('    at '));
  return lines
    .slice(0, end === -1 ? undefined : end)
    .filter((line) => FRAME.test(line))
    .slice(0, MOST_FRAMES);
}

/** A place in a file or in Node itself. Code that was made from text (`eval`, `data:`, a URL with a query) may hold anything in its place. */
const PLACE = String.raw`(?:(?:file:\/\/)?(?:\/|[A-Za-z]:[\\/])[^?#()\p{C}]+:\d+:\d+|node:[\w/.-]+:\d+:\d+|native|<anonymous>|index \d+)`;
const FUNCTION = String.raw`[\p{L}\p{N}_$.#<> -]{1,200}(?: \[as [\p{L}\p{N}_$.#-]{1,200}\])?`;
const FRAME = new RegExp(String.raw`^    at (?:${FUNCTION} \(${PLACE}\)|(?:async )?${PLACE})$`, 'u');
