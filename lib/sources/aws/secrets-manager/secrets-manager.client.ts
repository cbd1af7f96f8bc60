import { randomUUID } from 'node:crypto';
import type * as SecretsManager from '@aws-sdk/client-secrets-manager';
import { hideInOutput } from '../../../core/redaction.js';
import { PageTokens } from '../../http/index.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import type { AwsSdkClient } from '../shared/aws.options.js';
import type { AwsSettings } from '../shared/aws.settings.js';
import type { AwsService } from '../shared/aws.session.js';
import { AwsSession } from '../shared/aws.session.js';

type Sdk = typeof SecretsManager;
type Client = SecretsManager.SecretsManagerClient;

export const KIND = 'aws-secrets-manager';
export const ENDPOINT_VARIABLE = 'AWS_ENDPOINT_URL_SECRETS_MANAGER';
export const BATCH = 20;

const service: AwsService<Sdk, Client> = {
  sourceKind: KIND,
  package: '@aws-sdk/client-secrets-manager',
  load: () => import('@aws-sdk/client-secrets-manager'),
  create: (sdk, config) => new sdk.SecretsManagerClient(config as SecretsManager.SecretsManagerClientConfig),
};

/** Secrets Manager's API, as far as it is used. Rejects only with SecretErrors. */
export class SecretsManagerApi {
  readonly #session: AwsSession<Sdk, Client>;

  constructor(settings: AwsSettings, client: AwsSdkClient | undefined) {
    this.#session = new AwsSession(service, settings, client as Client | undefined);
  }

  get place(): string {
    return this.#session.place;
  }

  /** Up to 20 at their current stage. */
  batch(ids: readonly string[], context: ReadContext): Promise<SecretsManager.BatchGetSecretValueResponse> {
    return this.#session.call('BatchGetSecretValue', context, (sdk, client, options) =>
      client.send(new sdk.BatchGetSecretValueCommand({ SecretIdList: [...ids] }), options),
    );
  }

  get(
    input: SecretsManager.GetSecretValueRequest,
    context: ReadContext,
  ): Promise<SecretsManager.GetSecretValueResponse> {
    return this.#session.call('GetSecretValue', context, (sdk, client, options) =>
      client.send(new sdk.GetSecretValueCommand(input), options),
    );
  }

  describe(id: string, context: ReadContext): Promise<SecretsManager.DescribeSecretResponse> {
    return this.#session.call('DescribeSecret', context, (sdk, client, options) =>
      client.send(new sdk.DescribeSecretCommand({ SecretId: id }), options),
    );
  }

  /** Repeating it makes no other version: the token, which becomes the version's ID, tells AWS that it is the same. */
  put(input: SecretsManager.PutSecretValueRequest, context: ReadContext): Promise<unknown> {
    const ClientRequestToken = randomUUID();
    return this.#session.call('PutSecretValue', context, (sdk, client, options) =>
      client.send(new sdk.PutSecretValueCommand({ ...input, ClientRequestToken }), options),
    );
  }

  /** As `put`. */
  create(input: SecretsManager.CreateSecretRequest, context: ReadContext): Promise<unknown> {
    const ClientRequestToken = randomUUID();
    return this.#session.call('CreateSecret', context, (sdk, client, options) =>
      client.send(new sdk.CreateSecretCommand({ ...input, ClientRequestToken }), options),
    );
  }

  /** Names that begin with `prefix`, those marked for deletion left out; page by page. */
  async *names(prefix: string, context: ReadContext): AsyncGenerator<readonly string[]> {
    const tokens = new PageTokens(KIND);
    let token: string | undefined;
    do {
      const page = await this.#session.call('ListSecrets', context, (sdk, client, options) =>
        client.send(
          new sdk.ListSecretsCommand({
            MaxResults: 100,
            ...(prefix !== '' && { Filters: [{ Key: 'name', Values: [prefix] }] }),
            ...(token !== undefined && { NextToken: token }),
          }),
          options,
        ),
      );
      // The filter splits its text into words and ignores case: what begins otherwise is left out here.
      yield (page.SecretList ?? []).flatMap(({ Name }) => (Name?.startsWith(prefix) ? [Name] : []));
      token = tokens.next(page.NextToken, 'ListSecrets');
    } while (token);
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  static {
    hideInOutput(SecretsManagerApi.prototype, () => `[secrets ${KIND}]`);
  }
}
