import type { CloseEvent, WebSocket } from 'undici';
import {
  isSecretError,
  SecretAccessDeniedError,
  SecretConfigurationError,
  SecretSourceUnavailableError,
} from '../../../core/errors/index.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ChangeListener } from '../../../core/source/change-listener.js';
import { keepListening } from '../../../core/source/channel-loop.js';
import type { PushChannel } from '../../../core/source/push-channel.js';
import type { VaultCalls } from '../client/index.js';
import { isVaultError } from '../client/index.js';
import { queryOf } from '../client/wire/vault.request.js';
import type { VaultAccess } from '../source/vault.access.js';
import { accessOf } from '../source/vault.access.js';
import { changesOf } from './vault.event.js';
import type { VaultEventsOptions } from './vault-events.options.js';
import { VAULT_EVENTS_OPTIONS } from './vault-events.options.js';

const KIND = 'vault-events';
const TYPE = /^[\w*-]+(?:\/[\w*-]+)*$/;

/** Events of Vault Enterprise and HCP Vault Dedicated, by a websocket for each type, with the token of a source. */
export class VaultEventsChannel implements PushChannel {
  readonly kind = KIND;
  readonly #access: VaultAccess;
  readonly #options: VaultEventsOptions;
  readonly #paths: readonly string[];

  /** Throws SecretConfigurationError for options that can't be meant. */
  constructor(given: VaultEventsOptions) {
    const options = ownOptions(given, VAULT_EVENTS_OPTIONS, 'vaultEvents', { details: { sourceKind: KIND } });
    const { source, types = ['*'], filter, namespaces } = options;
    const access = accessOf.get(source);
    if (!access) throw refused('"source" of vaultEvents is what vault({ … }) gave.');
    if (types.length === 0 || !types.every((type) => TYPE.test(type))) {
      throw refused('"types" of vaultEvents are types of events, such as "kv-v2/data-*".');
    }
    this.#access = access;
    this.#options = options;
    const query = queryOf({ json: true, filter, namespaces: namespaces?.join(',') });
    this.#paths = types.map((type) => `sys/events/subscribe/${type}${query}`);
  }

  open(listener: ChangeListener, context?: { readonly signal?: AbortSignal }): Promise<() => Promise<void>> {
    const listen = async (signal: AbortSignal, isLive: () => void): Promise<void> => {
      for (let isAgain = false; !signal.aborted; isAgain = true) await this.#listen(listener, signal, isLive, isAgain);
    };
    return keepListening({ kind: KIND, listener, clock: this.#access.clock, signal: context?.signal, listen });
  }

  /** Rejects when a socket closes; is over when another token takes the place of the one they were opened with. */
  async #listen(listener: ChangeListener, signal: AbortSignal, isLive: () => void, isAgain = false): Promise<void> {
    const sockets: WebSocket[] = [];
    let stop: () => void = () => undefined;
    let unobserve: () => void = () => undefined;
    try {
      for (const path of this.#paths) sockets.push(await this.#opened(path, signal));
      await new Promise<void>((resolve, reject) => {
        for (const socket of sockets) {
          socket.addEventListener('message', ({ data }) => {
            const changes = changesOf(data);
            if (changes.length > 0) listener(changes);
          });
          socket.addEventListener('close', ({ code }: CloseEvent) => reject(closed(code)));
        }
        const isClosed = sockets.find(({ readyState }) => readyState > 1);
        if (isClosed) reject(closed(1006));
        stop = resolve;
        signal.addEventListener('abort', stop, { once: true });
        let isSaid = false; // what the source has said before is said to each who comes
        unobserve = this.#options.source.observe(({ type }) => {
          if (isSaid && type === 'logged-in') resolve();
        });
        isSaid = true;
        isLive();
        if (isAgain) listener(); // between the one token and the other it was deaf
      });
    } finally {
      unobserve();
      signal.removeEventListener('abort', stop); // it outlives each of these many times
      for (const socket of sockets) socket.close();
    }
  }

  async #opened(path: string, signal: AbortSignal): Promise<WebSocket> {
    const socket = await this.#access.socket(path, signal);
    const isOpen = await new Promise<boolean>((resolve) => {
      const settle = (outcome: boolean) => (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      const onAbort = (): void => {
        socket.close();
        settle(false)();
      };
      socket.addEventListener('open', settle(true));
      socket.addEventListener('error', settle(false));
      socket.addEventListener('close', settle(false));
      signal.addEventListener('abort', onAbort);
      if (signal.aborted) onAbort();
    });
    if (isOpen) return socket;
    throw await this.#reason(path, signal);
  }

  /** A websocket tells nothing of why it isn't one: the same address is asked in the plain way. */
  async #reason(path: string, signal: AbortSignal): Promise<Error> {
    const attempt = { operation: 'subscribing to its events' };
    const [bare = ''] = path.split('?');
    const scope = AbortSignal.any([signal, AbortSignal.timeout(10_000)]);
    const ask = async (calls: VaultCalls): Promise<number> => {
      try {
        await calls.request('GET', bare, { raw: true });
        return 200;
      } catch (error) {
        if (isVaultError(error) && (error.status === 404 || error.status === 400)) return error.status;
        throw error;
      }
    };
    try {
      if ((await this.#access.run({ signal: scope }, attempt, ask)) === 404) return lacking();
    } catch (error) {
      if (isSecretError(error)) return error.code === 'SECRET_ACCESS_DENIED' ? denied() : error;
    }
    return new SecretSourceUnavailableError('Vault opens no websocket for its events.', {
      sourceKind: KIND,
      advice: 'Let what stands before it (a proxy, a load balancer) pass websockets on.',
    });
  }

  static {
    hideInOutput(VaultEventsChannel.prototype, () => `[secrets ${KIND}]`);
  }
}

const refused = (reason: string): SecretConfigurationError =>
  new SecretConfigurationError(reason, { sourceKind: KIND });

const closed = (code: number): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(`its websocket was closed (${code}).`, { sourceKind: KIND });

const lacking = (): SecretConfigurationError =>
  new SecretConfigurationError('this Vault has no events: they are of Vault Enterprise and HCP Vault Dedicated.', {
    sourceKind: KIND,
    advice: 'Leave vaultEvents out of `push`: changes are found by the regular refresh.',
  });

const denied = (): SecretAccessDeniedError =>
  new SecretAccessDeniedError('the token may not subscribe to events.', {
    sourceKind: KIND,
    advice:
      'Its policy needs "read" on sys/events/subscribe/*, and "list" and "subscribe" with `subscribe_event_types` on the paths of the secrets.',
  });
