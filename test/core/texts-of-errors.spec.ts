import { inspect } from 'node:util';
import { SecretConfigurationError, SecretFieldError, SecretNotFoundError } from '../../lib/core/errors/index.js';
import { StartReport } from '../../lib/core/client/start-report.js';
import { fileFault } from '../../lib/sources/watch/index.js';
import { VaultError } from '../../lib/sources/vault/client/vault.errors.js';

/** What clears a terminal, colours it, forges a line, turns the direction of writing, or ends a line where nobody sees it. */
const HOSTILE = 'a\u001b[2J\u001b]0;title\u0007b\r\n[Nest] 1 - LOG forged\u009b31m\u202ec\u2066d\u2028e\u007f\0';
// eslint-disable-next-line no-control-regex -- that is what must not be there
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

const texts = (error: Error): string[] => [
  error.message,
  String(error),
  error.stack ?? '',
  inspect(error, { colors: false }),
  ...Object.values(error).filter((value) => typeof value === 'string'),
];

describe('names and paths in the texts of errors', () => {
  it('given a name, a connection, a kind, a reason, an advice and a field with terminal escapes, when an error is made, then no text of it has them', () => {
    const details = { secretName: HOSTILE, connection: HOSTILE, sourceKind: HOSTILE, advice: HOSTILE };
    for (const error of [
      new SecretNotFoundError(HOSTILE, details),
      new SecretFieldError(HOSTILE, { ...details, field: HOSTILE }),
      new SecretConfigurationError('x').located(details),
      new VaultError(HOSTILE, { path: HOSTILE }),
      fileFault(`/run/${HOSTILE}`, Object.assign(new Error('x'), { code: 'ENOENT' })),
    ]) {
      for (const text of texts(error)) expect(text.match(CONTROL)).toBeNull();
      expect(error.message).not.toContain('\n');
      expect(error.message).toContain('forged');
    }
  });

  it.each([
    ['store is down', 'store is down. Call X.'],
    ['store is down.', 'store is down. Call X.'],
    ['is it up?', 'is it up? Call X.'],
    ['it says "no."', 'it says "no." Call X.'],
    ['see `x`', 'see `x`. Call X.'],
  ])('given the reason %j, when an error is made, and located, then its advice begins a sentence', (reason, text) => {
    const error = new SecretNotFoundError(reason, { advice: 'Call X' });
    expect(error.message).toBe(text);
    expect(error.located({ connection: 'main' }).message).toBe(`Connection "main": ${text}`);
  });

  it('given several errors, when they are listed, then each begins a line, and a name forges none', () => {
    const report = new StartReport({ kind: 'memory' }, 'default');
    for (const secretName of ['A', HOSTILE]) report.add(new SecretNotFoundError(undefined, { secretName }));
    const { message } = report.toError([]);
    expect(message.split('\n')).toHaveLength(4);
    expect(message.match(CONTROL)).toBeNull();
  });

  it('given names of any language, when an error is made, then they stand as they are', () => {
    for (const secretName of ['ключ', '🔑', 'with space', 'שלום', '日本語', 'a\\b"c']) {
      const error = new SecretNotFoundError(undefined, { secretName });
      expect(error.message).toContain(`"${secretName}"`);
      expect(error.secretName).toBe(secretName);
    }
  });
});
