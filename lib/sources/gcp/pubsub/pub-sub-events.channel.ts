import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.js';
import { sleepOn, systemClock } from '../../../core/clock.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ChangeListener } from '../../../core/source/change-listener.js';
import { keepListening } from '../../../core/source/channel-loop.js';
import type { PushChannel } from '../../../core/source/push-channel.js';
import { isTimedOut } from '../../http/index.js';
import type { TestHooks } from '../secret-manager/google-secret-manager.settings.js';
import type { PubSubEventsOptions } from './pub-sub-events.options.js';
import type { PubSubEventsSettings } from './pub-sub-events.settings.js';
import { KIND, resolveSettings } from './pub-sub-events.settings.js';
import { isGone, PubSubClient } from './pub-sub.client.js';
import type { PulledMessage } from './secret-events.js';

/** Milliseconds for the deletion of a subscription, as the app closes. */
const ENDING = 3_000;

/** Milliseconds: an empty answer that comes sooner is none of a wait, and the next request waits for that long. */
const AT_ONCE = 1_000;

export interface PubSubHooks extends TestHooks {
  readonly clock?: Clock | undefined;
  /** Milliseconds for one pull. */
  readonly pullTimeout?: number | undefined;
  /** Milliseconds for one that does not wait. */
  readonly peekTimeout?: number | undefined;
}

/** Events of Secret Manager by Pub/Sub. Each opening has a connection, and where it is of a topic a subscription, of its own. */
export class PubSubEventsChannel implements PushChannel {
  readonly kind = KIND;
  readonly #settings: PubSubEventsSettings;
  readonly #hooks: PubSubHooks;

  /** Throws SecretConfigurationError for options that can't be meant. */
  constructor(options: PubSubEventsOptions, hooks: PubSubHooks = {}) {
    this.#settings = resolveSettings(options, hooks);
    this.#hooks = hooks;
  }

  open(listener: ChangeListener, context?: { readonly signal?: AbortSignal }): Promise<() => Promise<void>> {
    const listening = new Listening(this.#settings, this.#hooks, listener);
    const { clock = systemClock } = this.#hooks;
    return keepListening({
      kind: KIND,
      listener,
      clock,
      signal: context?.signal,
      listen: (signal, isLive) => listening.listen(signal, isLive),
      end: () => listening.end(),
    });
  }

  static {
    hideInOutput(PubSubEventsChannel.prototype, () => `[secrets ${KIND}]`);
  }
}

/** One opening of the channel. */
class Listening {
  readonly #client: PubSubClient;
  /** Of this replica's own, from when it is asked for. */
  #own: { readonly name: string; isCreated: boolean } | undefined;

  constructor(
    private readonly settings: PubSubEventsSettings,
    private readonly hooks: PubSubHooks,
    private readonly listener: ChangeListener,
  ) {
    this.#client = new PubSubClient(settings);
  }

  async listen(signal: AbortSignal, isLive: () => void): Promise<void> {
    const subscription = await this.#subscription(signal);
    let isInDoubt = true;
    while (!signal.aborted) {
      try {
        const { clock = systemClock } = this.hooks;
        const [wasInDoubt, askedAt] = [isInDoubt, clock.now()];
        const messages = await this.#pulled(subscription, isInDoubt, signal);
        isInDoubt = false;
        isLive();
        const isAtOnce = !wasInDoubt && messages.length === 0 && clock.now() - askedAt < AT_ONCE;
        if (isAtOnce) await sleepOn(clock, AT_ONCE, signal, false);
        await this.#take(subscription, messages, signal);
      } catch (error) {
        if (isGone(error)) this.#own = undefined; // expired, or somebody has deleted it: another is made
        // It may hear nothing because nothing happens: a short request tells.
        if (isInDoubt || !isTimedOut((error as { cause?: unknown }).cause)) throw error;
        isInDoubt = true;
      }
    }
  }

  /** Its own subscription is deleted; where that can't be done it expires. */
  async end(): Promise<void> {
    try {
      if (this.#own) await this.#client.delete(this.#own.name, AbortSignal.timeout(ENDING));
    } finally {
      await this.#client.close();
    }
  }

  #pulled(subscription: string, isInDoubt: boolean, signal: AbortSignal): Promise<PulledMessage[]> {
    if (isInDoubt) return this.#client.peek(subscription, signal, this.hooks.peekTimeout);
    return this.#client.pull(subscription, signal, this.hooks.pullTimeout);
  }

  async #take(subscription: string, messages: readonly PulledMessage[], signal: AbortSignal): Promise<void> {
    if (messages.length === 0) return;
    this.listener(messages.flatMap(({ changes }) => changes));
    const ackIds = messages.map(({ ackId }) => ackId);
    // Where it fails they come again, and that is harmless.
    await this.#client.acknowledge(subscription, ackIds, signal).catch(() => undefined);
  }

  async #subscription(signal: AbortSignal): Promise<string> {
    const { topic, subscription } = this.settings;
    if (subscription) return this.#client.named('subscriptions', subscription, signal);
    const of = await this.#client.named('topics', topic!, signal);
    const project = of.slice(0, of.indexOf('/topics/'));
    const own = (this.#own ??= { name: `${project}/subscriptions/nestjs-hcp-vault-${randomUUID()}`, isCreated: false });
    if (!own.isCreated) await this.#client.create(own.name, of, signal);
    own.isCreated = true;
    return own.name;
  }
}
