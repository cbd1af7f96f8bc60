import { SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { HttpResponse } from '../../http/index.js';
import { AuthorizedApi } from '../auth/authorized-api.js';
import { errorOf, isMissing, isUnauthenticated } from '../secret-manager/google-secret-manager.errors.js';
import type { PubSubEventsSettings, PubSubResource } from './pub-sub-events.settings.js';
import { KIND } from './pub-sub-events.settings.js';
import type { PulledMessage } from './secret-events.js';
import { pulledOf } from './secret-events.js';

/** Messages of one answer at most. */
const MOST = 100;
/** Milliseconds: a pull of what is quiet is answered after a minute and a half or so; the rest are short. */
const LONGEST_PULL = 180_000;
const TIMEOUT = 10_000;
/** Seconds for which a message that was given out is given to nobody else. */
const ACK_DEADLINE = 10;
/** What is not pulled for so long is gone: the least that Pub/Sub takes. What a replica misses while it is away it reads when it is back. */
const LIFE = { messageRetentionDuration: '600s', expirationPolicy: { ttl: '86400s' } };

const SUBSCRIBER = 'roles/pubsub.subscriber';
const EDITOR = 'roles/pubsub.editor';
const CREATE = { tried: 'creating a subscription', permission: 'pubsub.subscriptions.create and pubsub.topics.attachSubscription', role: EDITOR, isWrite: true }; // prettier-ignore
const DELETE = { tried: 'deleting the subscription', permission: 'pubsub.subscriptions.delete', role: EDITOR, isWrite: true }; // prettier-ignore
const PULL = { tried: 'pulling the subscription', permission: 'pubsub.subscriptions.consume', role: SUBSCRIBER, isWrite: false }; // prettier-ignore
const ACK = { ...PULL, tried: 'acknowledging messages' };

interface Call {
  readonly attempt: typeof PULL;
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body?: object | undefined;
  readonly timeout?: number | undefined;
  /** What a role is granted on. */
  readonly grantedOn?: 'topic' | 'subscription' | undefined;
}

/** Pub/Sub's REST API, as far as it is used: one subscription. Rejects only with SecretErrors. */
export class PubSubClient {
  readonly #api: AuthorizedApi;
  readonly #settings: PubSubEventsSettings;

  constructor(settings: PubSubEventsSettings) {
    this.#settings = settings;
    this.#api = new AuthorizedApi(settings, isUnauthenticated);
  }

  /** The path of a topic or subscription, with its project. */
  async named(kind: 'topics' | 'subscriptions', { project, id }: PubSubResource, signal: AbortSignal): Promise<string> {
    const own = project ?? (await this.#settings.tokens.projectId(signal));
    if (own !== undefined) return `projects/${own}/${kind}/${id}`;
    throw new SecretConfigurationError('the credentials don’t tell the project of the topic.', {
      sourceKind: KIND,
      advice: 'Give `projectId`, or set GOOGLE_CLOUD_PROJECT.',
    });
  }

  /** Its name is this replica's own: where it is there already, an answer was lost. */
  async create(subscription: string, topic: string, signal: AbortSignal): Promise<void> {
    const labels = { 'made-by': 'nestjs-hcp-vault' };
    const body = { topic, ackDeadlineSeconds: ACK_DEADLINE, ...LIFE, labels };
    const call = { attempt: CREATE, method: 'PUT', path: subscription, body, grantedOn: 'topic' } as const;
    await this.#send(call, signal).catch((error: unknown) => {
      if (statusOf(error) !== 'ALREADY_EXISTS') throw error;
    });
  }

  async delete(subscription: string, signal: AbortSignal): Promise<void> {
    await this.#send({ attempt: DELETE, method: 'DELETE', path: subscription }, signal);
  }

  /** What has come, or comes within a minute or so. @param timeout milliseconds. */
  pull(subscription: string, signal: AbortSignal, timeout = LONGEST_PULL): Promise<PulledMessage[]> {
    return this.#pull(subscription, signal, { maxMessages: MOST }, timeout);
  }

  /** What has come, without a wait for more: also tells whether anything could come. Not for each time: Pub/Sub advises against it. */
  peek(subscription: string, signal: AbortSignal, timeout = TIMEOUT): Promise<PulledMessage[]> {
    return this.#pull(subscription, signal, { maxMessages: MOST, returnImmediately: true }, timeout);
  }

  async acknowledge(subscription: string, ackIds: readonly string[], signal: AbortSignal): Promise<void> {
    await this.#send({ attempt: ACK, method: 'POST', path: `${subscription}:acknowledge`, body: { ackIds } }, signal);
  }

  async #pull(subscription: string, signal: AbortSignal, body: object, timeout: number): Promise<PulledMessage[]> {
    const path = `${subscription}:pull`;
    const response = await this.#send({ attempt: PULL, method: 'POST', path, body, timeout }, signal);
    return pulledOf(response.json());
  }

  close(): Promise<void> {
    return this.#api.close();
  }

  async #send(call: Call, signal: AbortSignal): Promise<HttpResponse> {
    const { attempt, method, path, body, timeout = TIMEOUT, grantedOn = 'subscription' } = call;
    const request = {
      method,
      path: `/v1/${path.replaceAll('%', '%25')}`,
      body: body && JSON.stringify(body),
      repeatable: !attempt.isWrite,
    };
    const response = await this.#api.request(request, { signal, timeout });
    if (response.status >= 200 && response.status <= 299) return response;
    const service = { kind: KIND, host: 'pubsub.googleapis.com', grantedOn };
    const error = errorOf(response, { ...attempt, service });
    if (!isMissing(error)) throw error;
    // No secret is missing: what tells of them is.
    const reason = `${attempt.tried} was answered with NOT_FOUND: there is no such ${grantedOn}.`;
    throw new SecretConfigurationError(reason, {
      sourceKind: KIND,
      cause: error.cause,
      advice: 'Check its name and its project.',
    });
  }

  static {
    hideInOutput(PubSubClient.prototype, () => `[secrets ${KIND}]`);
  }
}

/** Google's word for what failed. */
const statusOf = (error: unknown): unknown => (error as { cause?: { name?: unknown } } | undefined)?.cause?.name;

/** True where what was asked for is not there. */
export const isGone = (error: unknown): boolean => statusOf(error) === 'NOT_FOUND';
