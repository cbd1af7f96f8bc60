import { hideInOutput } from '../../../core/redaction.js';
import type { AwsCredentialsProvider } from './aws.options.js';

/** How the SDK makes its chain of providers: variables, web identity, profiles, containers, instances. */
export type CredentialChain = (init: object) => AwsCredentialsProvider;

/**
 * The SDK's own chain of credentials. It reads the shared files once a process; here they are read again once AWS has said that what is in use is over, or
 * unknown to it, for another process may have written others.
 */
export class DefaultCredentials {
  #chain: CredentialChain | undefined;
  #config: object = {};
  #provider: AwsCredentialsProvider | undefined;

  /** @param config of the client that asks: its region and connections serve the providers as well. */
  open(chain: CredentialChain | undefined, config: object): void {
    this.#chain = chain;
    this.#config = config;
    this.#provider = undefined;
  }

  /** They were refused: who asks next gets what there is by then. */
  drop(): void {
    this.#provider = this.#chain?.({ ...this.#config, parentClientConfig: this.#config, ignoreCache: true });
  }

  /** For an SDK client: `memoized` tells it to ask each time, so that what was dropped here is not used there. */
  provider(): AwsCredentialsProvider {
    const provide: AwsCredentialsProvider = () => {
      this.#provider ??= this.#chain?.({ ...this.#config, parentClientConfig: this.#config });
      if (this.#provider) return this.#provider();
      throw Object.assign(new Error('no chain of credentials'), { name: 'CredentialsProviderError' });
    };
    return Object.assign(provide, { memoized: true });
  }

  static {
    hideInOutput(DefaultCredentials.prototype, () => '[secrets of the AWS credential chain]');
  }
}
