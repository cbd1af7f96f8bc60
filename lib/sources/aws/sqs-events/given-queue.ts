import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { EventQueue } from './event-queue.js';
import { KIND } from './sqs-events.options.js';

/** A queue that somebody else has made, and keeps. */
export class GivenQueue implements EventQueue {
  constructor(private readonly url: string) {}

  ready(): Promise<string> {
    return Promise.resolve(this.url);
  }

  gone(cause: SecretError): SecretError {
    const name = new URL(this.url).pathname.split('/').at(-1);
    return new SecretConfigurationError(`there is no queue "${name}".`, {
      sourceKind: KIND,
      cause,
      advice: 'Check `queueUrl`, its region and its account.',
    });
  }

  end(): Promise<void> {
    return Promise.resolve();
  }
}
