import { SourceCall } from '../../core/cache/source-call.js';
import { systemClock } from '../../core/clock.js';
import type { SecretError } from '../../core/errors/index.js';
import type { SourceOperation } from '../../core/observe/observer.js';
import type { ReadContext, SecretSource } from '../../core/source/secret-source.js';

/** Milliseconds for one request. */
const TIMEOUT = 15_000;

/** A source as a command asks it: each request within its time, every error ours. */
export class AskedSource {
  readonly #call: SourceCall;

  private constructor(readonly source: SecretSource) {
    this.#call = new SourceCall(source, {
      timeout: TIMEOUT,
      clock: systemClock,
      connection: '', // there is none to be named
      pauses: { await: () => () => false },
    });
  }

  static of(source: SecretSource): AskedSource {
    return new AskedSource(source);
  }

  run<T>(operation: SourceOperation, work: (context: ReadContext) => Promise<T>): Promise<T> {
    return this.#call.run({ operation, what: WORDS[operation] }, work);
  }

  /** Our own kind of error for whatever was thrown. */
  translate(error: unknown, operation: SourceOperation, secretName: string): SecretError {
    return this.#call.translate(error, WORDS[operation], secretName);
  }
}

/** For the texts of errors. */
const WORDS: Readonly<Record<SourceOperation, string>> = {
  read: 'read',
  readAll: 'read all',
  readPath: 'read all below a path',
  list: 'list',
  exists: 'look for it',
  write: 'write',
  renew: 'extend a lease',
  revoke: 'end a lease',
};
