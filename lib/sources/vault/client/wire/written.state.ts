import { hideInOutput } from '../../../../core/redaction.js';
import type { HttpResponse } from '../../../http/index.js';

/**
 * Up to where a cluster had come when it took our last write, in its own words: a standby that is not so far yet hands a request on, in place of an
 * old answer (https://developer.hashicorp.com/vault/docs/enterprise/consistency). Only Vault Enterprise tells it.
 */
export class WrittenState {
  #headers: Readonly<Record<string, string>> = {};

  /** Of every request from then on. */
  get headers(): Readonly<Record<string, string>> {
    return this.#headers;
  }

  note(method: string | undefined, answer: HttpResponse): void {
    const index = method === undefined || method === 'GET' ? undefined : answer.header('x-vault-index');
    // What no header can carry is no index.
    if (index === undefined || !/^[\x21-\x7e]{1,4096}$/.test(index)) return;
    this.#headers = { 'X-Vault-Index': index, 'X-Vault-Inconsistent': 'forward-active-node' };
  }

  static {
    hideInOutput(WrittenState.prototype, () => '[written]');
  }
}
