import type * as Sns from '@aws-sdk/client-sns';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { awsNameOf } from '../shared/aws.errors.js';
import type { AwsService } from '../shared/aws.session.js';
import { AwsSession } from '../shared/aws.session.js';
import type { AwsSettings } from '../shared/aws.settings.js';
import { KIND } from './sqs-events.options.js';

type Sdk = typeof Sns;

const service: AwsService<Sdk, Sns.SNSClient> = {
  sourceKind: KIND,
  package: '@aws-sdk/client-sns',
  load: () => import('@aws-sdk/client-sns'),
  create: (sdk, config) => new sdk.SNSClient(config as Sns.SNSClientConfig),
};

/** True where SNS has no such topic or subscription. Of other services' clients this name is not a verdict: gateways give it too. */
export const isUnknownToSns = (error: unknown): boolean => /^NotFound(?:Exception)?$/.test(awsNameOf(error) ?? '');

/** SNS's API, as far as it is used. Rejects only with SecretErrors. */
export class SnsApi {
  readonly #session: AwsSession<Sdk, Sns.SNSClient>;

  constructor(settings: AwsSettings) {
    this.#session = new AwsSession(service, settings, undefined);
  }

  /** Gives the subscription's ARN. The same queue subscribed again is the same subscription. */
  async subscribe(topicArn: string, queueArn: string, context: ReadContext): Promise<string> {
    const { SubscriptionArn = '' } = await this.#session.call('Subscribe', context, (sdk, client, options) =>
      client.send(
        new sdk.SubscribeCommand({
          TopicArn: topicArn,
          Protocol: 'sqs',
          Endpoint: queueArn,
          Attributes: { RawMessageDelivery: 'true' },
          ReturnSubscriptionArn: true,
        }),
        options,
      ),
    );
    return SubscriptionArn;
  }

  /** False where there is no such subscription any more. */
  async isSubscribed(subscriptionArn: string, context: ReadContext): Promise<boolean> {
    try {
      await this.#session.call('GetSubscriptionAttributes', context, (sdk, client, options) =>
        client.send(new sdk.GetSubscriptionAttributesCommand({ SubscriptionArn: subscriptionArn }), options),
      );
      return true;
    } catch (error) {
      if (isUnknownToSns(error)) return false;
      throw error;
    }
  }

  unsubscribe(subscriptionArn: string, context: ReadContext): Promise<unknown> {
    return this.#session.call('Unsubscribe', context, (sdk, client, options) =>
      client.send(new sdk.UnsubscribeCommand({ SubscriptionArn: subscriptionArn }), options),
    );
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  static {
    hideInOutput(SnsApi.prototype, () => `[secrets ${KIND}]`);
  }
}
