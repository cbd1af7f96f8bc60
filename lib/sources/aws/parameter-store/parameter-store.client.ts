import type * as Ssm from '@aws-sdk/client-ssm';
import { hideInOutput } from '../../../core/redaction.js';
import { PageTokens } from '../../http/index.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import type { AwsSdkClient } from '../shared/aws.options.js';
import type { AwsSettings } from '../shared/aws.settings.js';
import type { AwsService } from '../shared/aws.session.js';
import { AwsSession } from '../shared/aws.session.js';

type Sdk = typeof Ssm;
type Client = Ssm.SSMClient;

export const KIND = 'aws-parameter-store';
export const ENDPOINT_VARIABLE = 'AWS_ENDPOINT_URL_SSM';
export const BATCH = 10;

const service: AwsService<Sdk, Client> = {
  sourceKind: KIND,
  package: '@aws-sdk/client-ssm',
  load: () => import('@aws-sdk/client-ssm'),
  create: (sdk, config) => new sdk.SSMClient(config as Ssm.SSMClientConfig),
};

/** Parameter Store's API, as far as it is used. Rejects only with SecretErrors. */
export class ParameterStoreApi {
  readonly #session: AwsSession<Sdk, Client>;

  constructor(settings: AwsSettings, client: AwsSdkClient | undefined) {
    this.#session = new AwsSession(service, settings, client as Client | undefined);
  }

  get place(): string {
    return this.#session.place;
  }

  /** Up to 10; those that are not there are in a list of their own. */
  several(ids: readonly string[], decrypt: boolean, context: ReadContext): Promise<Ssm.GetParametersResult> {
    return this.#session.call('GetParameters', context, (sdk, client, options) =>
      client.send(new sdk.GetParametersCommand({ Names: [...ids], WithDecryption: decrypt }), options),
    );
  }

  async one(id: string, decrypt: boolean, context: ReadContext): Promise<Ssm.Parameter | undefined> {
    const { Parameter } = await this.#session.call('GetParameter', context, (sdk, client, options) =>
      client.send(new sdk.GetParameterCommand({ Name: id, WithDecryption: decrypt }), options),
    );
    return Parameter;
  }

  /** All below a folder, page by page; a page may be empty though others follow. */
  async *below(folder: string, decrypt: boolean, context: ReadContext): AsyncGenerator<readonly Ssm.Parameter[]> {
    const Path = folder.replace(/(?!^)\/+$/, '');
    const tokens = new PageTokens(KIND);
    let token: string | undefined;
    do {
      const page = await this.#session.call('GetParametersByPath', context, (sdk, client, options) =>
        client.send(
          new sdk.GetParametersByPathCommand({
            Path,
            Recursive: true,
            WithDecryption: decrypt,
            MaxResults: BATCH,
            ...(token !== undefined && { NextToken: token }),
          }),
          options,
        ),
      );
      yield page.Parameters ?? [];
      token = tokens.next(page.NextToken, 'GetParametersByPath');
    } while (token);
  }

  /** What is known of parameters beside their values, page by page. AWS filters what is on a page already: one may hold few, or none, though others follow. */
  async *described(
    filter: Ssm.ParameterStringFilter | undefined,
    context: ReadContext,
  ): AsyncGenerator<{ readonly page: readonly Ssm.ParameterMetadata[]; readonly isLast: boolean }> {
    const tokens = new PageTokens(KIND);
    let token: string | undefined;
    do {
      const page = await this.#session.call('DescribeParameters', context, (sdk, client, options) =>
        client.send(
          new sdk.DescribeParametersCommand({
            MaxResults: 50,
            ...(filter && { ParameterFilters: [filter] }),
            ...(token !== undefined && { NextToken: token }),
          }),
          options,
        ),
      );
      token = tokens.next(page.NextToken, 'DescribeParameters');
      yield { page: page.Parameters ?? [], isLast: !token };
    } while (token);
  }

  put(input: Ssm.PutParameterRequest, context: ReadContext): Promise<unknown> {
    return this.#session.call(
      'PutParameter',
      context,
      (sdk, client, options) => client.send(new sdk.PutParameterCommand(input), options),
      false,
    );
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  static {
    hideInOutput(ParameterStoreApi.prototype, () => `[secrets ${KIND}]`);
  }
}
