import { toMilliseconds } from '../../../core/duration.js';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { SourceObservers } from '../../../core/source/source-observers.js';
import { parseBaseUrl, refuseInsecure } from '../../http/index.js';
import { RequestGuard } from './request-guard.js';
import type {
  AssumeRoleOptions,
  AwsConnectionOptions,
  AwsCredentials,
  AwsCredentialsProvider,
  RoleSessionOptions,
} from './aws.options.js';

/** As the SDK's clients take them. */
export interface EndpointVariants {
  readonly useFipsEndpoint?: boolean;
  readonly useDualstackEndpoint?: boolean;
}

const WITH_CLIENT = [
  'region',
  'endpoint',
  'credentials',
  'assumeRole',
  'useFipsEndpoint',
  'useDualstackEndpoint',
] as const;

/** How to reach AWS, checked. Holds credentials, and hides them. */
export class AwsSettings {
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
  readonly stsEndpoint: string | undefined;
  readonly assumeRole: AssumeRoleOptions | undefined;
  /** Which of AWS's endpoints are asked, as far as options say so. */
  readonly variants: EndpointVariants;
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
    if (assumeRole) checkSession(assumeRole, 'assumeRole', sourceKind);
    if (assumeRole?.via) checkSession(assumeRole.via, 'assumeRole.via', sourceKind);
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
    const { useFipsEndpoint, useDualstackEndpoint } = options;
    this.variants = {
      ...(useFipsEndpoint !== undefined && { useFipsEndpoint }),
      ...(useDualstackEndpoint !== undefined && { useDualstackEndpoint }),
    };
    this.endpoint = client ? undefined : checked(options.endpoint, 'endpoint', variable);
    this.stsEndpoint = assumeRole && checked(assumeRole.endpoint, 'assumeRole.endpoint', 'AWS_ENDPOINT_URL_STS');
    const isOwn = this.endpoint !== undefined || this.stsEndpoint !== undefined;
    if (!isOwn || (!useFipsEndpoint && !useDualstackEndpoint)) return;
    const reason =
      '"useFipsEndpoint" and "useDualstackEndpoint" choose among AWS’s endpoints, and one of its own is given.';
    throw new SecretConfigurationError(reason, { sourceKind });
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

const MINUTE = 60_000;

/** @param option of which these are. */
function checkSession(role: RoleSessionOptions & { readonly via?: unknown }, option: string, sourceKind: string): void {
  const { roleArn, duration = '1h', tags = {}, via } = role;
  const refuse = (what: string): never => {
    throw new SecretConfigurationError(`"${option}.${what}`, { sourceKind });
  };
  if (!/^arn:[\w-]+:iam::\d+:role\/.+/.test(roleArn))
    refuse('roleArn" is an ARN, as in arn:aws:iam::123456789012:role/NAME.');
  const span = toMilliseconds(duration, `${option}.duration`);
  if (span < 15 * MINUTE || span > 12 * 60 * MINUTE) refuse('duration" is between 15 minutes and 12 hours.');
  if (via && span > 60 * MINUTE) refuse('duration" is an hour at most where another role assumes it (`via`).');
  const isRecord = typeof tags === 'object' && tags !== null && !Array.isArray(tags);
  if (isRecord && Object.values(tags).every((value: unknown) => typeof value === 'string')) return;
  refuse("tags\" are texts by their keys, as in { team: 'shop' }.");
}

/** As the SDKs do: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html */
function configuredEndpoint(variable: string): string | undefined {
  if (process.env['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS']?.toLowerCase() === 'true') return undefined;
  return process.env[variable] || process.env['AWS_ENDPOINT_URL'] || undefined;
}
