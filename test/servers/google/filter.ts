import { Refused } from './secret-manager.store.js';

/** What a filter looks at: by the paths of fields, as lists show them. */
export type Fields = (path: string) => string | undefined;

/**
 * A filter of a list: terms `field:text` (holds it) and `field=text` (is it), with AND, OR, NOT and brackets; AND binds closer, as here, and texts may
 * stand in quotes. A bare text is one of `name:`.
 */
export function matcherOf(filter: string): (fields: Fields) => boolean {
  const tokens = filter.match(/"[^"]*"|[()]|[^\s()":=]+|[:=]/g) ?? [];
  let at = 0;
  const bad = (): never => {
    throw new Refused(400, 'INVALID_ARGUMENT', 'Invalid filter.');
  };
  type Test = (fields: Fields) => boolean;
  const text = (): string => {
    const token = tokens[at++];
    return token === undefined || /^[():=]$/.test(token) ? bad() : token.replaceAll('"', '');
  };
  const term = (): Test => {
    if (tokens[at] === 'NOT') {
      at += 1;
      const inner = term();
      return (fields) => !inner(fields);
    }
    if (tokens[at] === '(') {
      at += 1;
      const inner = any();
      return tokens[at++] === ')' ? inner : bad();
    }
    const first = text();
    const operator = tokens[at];
    if (operator !== ':' && operator !== '=') return (fields) => (fields('name') ?? '').includes(first);
    at += 1;
    const wanted = text();
    return (fields) => {
      const value = fields(first);
      if (operator === '=') return value === wanted;
      return value !== undefined && (wanted === '*' || value.includes(wanted));
    };
  };
  const all = (): Test => {
    const parts = [term()];
    while (tokens[at] !== undefined && tokens[at] !== 'OR' && tokens[at] !== ')') {
      if (tokens[at] === 'AND') at += 1;
      parts.push(term());
    }
    return (fields) => parts.every((part) => part(fields));
  };
  const any = (): Test => {
    const parts = [all()];
    while (tokens[at] === 'OR') {
      at += 1;
      parts.push(all());
    }
    return (fields) => parts.some((part) => part(fields));
  };
  const whole = any();
  return at === tokens.length ? whole : bad();
}
