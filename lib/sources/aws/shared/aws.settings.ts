import { SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { SourceObservers } from '../../../core/source/source-observers.js';
import { parseBaseUrl, refuseInsecure } from '../../http/index.js';
import { RequestGuard } from './request-guard.js';
import type { AssumeRoleOptions, AwsConnectionOptions, AwsCredentials, AwsCredentialsProvider } from './aws.options.js';

const WITH_CLIENT = ['region', 'endpoint', 'credentials', 'assumeRole'] as const;

/** How to reach AWS, checked. Holds credentials, and hides them. */
export class AwsSettings {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly stsEndpoint: string | undefined;
  readonly assumeRole: AssumeRoleOptions | undefined;
  /** Told of what `allowInsecure` permits. */
  readonly observers: SourceObservers;
  readonly #credentials: AwsCredentials | AwsCredentialsProvider | undefined;
  readonly #allowInsecure: boolean | undefined;

  /**
   * @param variable the environment variable of this service's endpoint.
   * Throws SecretConfigurationError for options that exclude each other, and for plain http beyond loopback.
   */
  constructor(options: AwsConnectionOptions, sourceKind: string, variable: string) {
    const { client, region, assumeRole, credentials, allowInsecure } = options;
    this.observers = new SourceObservers(sourceKind);
    this.#allowInsecure = allowInsecure;
    const { warn } = this.observers;
    const extra = client && WITH_CLIENT.find((name) => options[name] !== undefined);
    if (extra) {
      throw new SecretConfigurationError(`"client" and "${extra}" exclude each other: a client has its own.`, {
        sourceKind,
      });
    }
    if (assumeRole && !/^arn:[\w-]+:iam::\d+:role\/.+/.test(assumeRole.roleArn)) {
      throw new SecretConfigurationError('"assumeRole.roleArn" is an ARN, as in arn:aws:iam::123456789012:role/NAME.', {
        sourceKind,
      });
    }
    const checked = (given: string | undefined, option: string, name: string): string | undefined => {
      const url = given ?? configuredEndpoint(name);
      if (url === undefined) return undefined;
      const urlOption = given === undefined ? `${name} (or AWS_ENDPOINT_URL)` : option;
      const trust = 'the file of a CA of your own goes into NODE_EXTRA_CA_CERTS';
      refuseInsecure(parseBaseUrl(url, urlOption, sourceKind), true, {
        urlOption,
        sourceKind,
        allowInsecure,
        trust,
        warn,
      });
      return url;
    };
    this.region = region;
    this.assumeRole = assumeRole;
    this.#credentials = credentials;
    this.endpoint = client ? undefined : checked(options.endpoint, 'endpoint', variable);
    this.stsEndpoint = assumeRole && checked(assumeRole.endpoint, 'assumeRole.endpoint', 'AWS_ENDPOINT_URL_STS');
  }

  /**
   * What a client's requests are held to.
   * @param judgesTls false for a client of somebody else's.
   */
  guard(endpointOption: string, judgesTls = true): RequestGuard {
    const { warn, source: sourceKind } = this.observers;
    return new RequestGuard({ sourceKind, endpointOption, allowInsecure: this.#allowInsecure, judgesTls, warn });
  }

  get credentials(): AwsCredentials | AwsCredentialsProvider | undefined {
    return this.#credentials;
  }

  static {
    hideInOutput(AwsSettings.prototype, () => '[secrets aws]');
  }
}

/** As the SDKs do: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function configuredEndpoint(variable: string): string | undefined {
  if (process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') return undefined;
  return process.env[variable] || process.env['AWS_ENDPOINT_URL'] || undefined;
}
