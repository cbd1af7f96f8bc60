import type { Duration } from '../../../core/duration.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { group, needed } from '../../../core/options/option-kinds.js';

/** Credentials as the AWS SDK takes them. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
  /** From when they are refused, or are to be asked for again. */
  readonly expiration?: Date | undefined;
}

export type AwsCredentialsProvider = () => Promise<AwsCredentials>;

/** A client of the AWS SDK, as far as the sources use one; structural, so that our types don't ask for the SDK. */
export interface AwsSdkClient {
  send(command: never, options?: { abortSignal?: AbortSignal }): Promise<unknown>;
}

/** A role, and the session that is begun as it. */
export interface RoleSessionOptions {
  /** The role's ARN. */
  readonly roleArn: string;
  /** Stands in CloudTrail. @default 'nestjs-hcp-vault' */
  readonly sessionName?: string | undefined;
  readonly externalId?: string | undefined;
  /** How long its credentials live, between 15 minutes and the role's own maximum. @default '1h' */
  readonly duration?: Duration | undefined;
  /** Tags of the session, for policies that ask for them. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

export interface AssumeRoleOptions extends RoleSessionOptions {
  /** A role that is assumed first, and assumes the other; AWS gives that one an hour at most then. */
  readonly via?: RoleSessionOptions | undefined;
  /** Of STS, as a URL. @default AWS_ENDPOINT_URL_STS, else AWS_ENDPOINT_URL, else that of the region */
  readonly endpoint?: string | undefined;
}

interface OwnClient {
  /** @default AWS_REGION, else AWS_DEFAULT_REGION, else the profile's, else that of the instance (IMDSv2) */
  readonly region?: string | undefined;
  /** Only of this store, as a URL. @default AWS_ENDPOINT_URL_SECRETS_MANAGER or AWS_ENDPOINT_URL_SSM, else AWS_ENDPOINT_URL, else that of the region */
  readonly endpoint?: string | undefined;
  /** Fixed ones or a provider, e.g. of `@aws-sdk/credential-providers`; with `assumeRole` they assume the role. @default the SDK's chain: variables, web identity, profiles, containers, instances */
  readonly credentials?: AwsCredentials | AwsCredentialsProvider | undefined;
  /** A role to read as; needs the package `@aws-sdk/credential-providers`. */
  readonly assumeRole?: AssumeRoleOptions | undefined;
  /** Endpoints that are validated by FIPS 140, of STS too; where the region has them. @default AWS_USE_FIPS_ENDPOINT, else the profile's, else false */
  readonly useFipsEndpoint?: boolean | undefined;
  /** Endpoints for IPv6 and IPv4, of STS too. @default AWS_USE_DUALSTACK_ENDPOINT, else the profile's, else false */
  readonly useDualstackEndpoint?: boolean | undefined;
  /** Permits plain http endpoints beyond loopback; warns at each start. @default false */
  readonly allowInsecure?: boolean | undefined;
  readonly client?: undefined;
}

interface GivenClient<C> {
  /** A client of the SDK, used as it is; closing the source leaves it open. */
  readonly client: C;
  readonly region?: undefined;
  readonly endpoint?: undefined;
  readonly credentials?: undefined;
  readonly assumeRole?: undefined;
  readonly useFipsEndpoint?: undefined;
  readonly useDualstackEndpoint?: undefined;
  /** Permits it a plain http endpoint beyond loopback; warns at each start. @default false */
  readonly allowInsecure?: boolean | undefined;
}

/** How to reach AWS: by a client of one's own, or by what one is made from. */
export type AwsConnectionOptions<C = AwsSdkClient> = OwnClient | GivenClient<C>;

export interface AwsNamingOptions {
  /** Goes before names; an ARN, or a name that begins with `/`, is taken as it stands. @default '' */
  readonly prefix?: string | undefined;
  /** The name of one secret that holds a JSON object: each of its fields is a secret of its own name. */
  readonly document?: string | undefined;
  /**
   * With `document`: that may be absent, and then holds none of the secrets. Else its absence is a failure, and the
   * values in use stay. @default false
   */
  readonly optional?: boolean | undefined;
  /** Whether `client.update` creates a secret that is missing: a parameter as a SecureString. A missing `document` stays missing. @default false */
  readonly createIfMissing?: boolean | undefined;
  /** False leaves text that holds a JSON object or array a string. @default true */
  readonly json?: boolean | undefined;
}

const ROLE_SESSION: OptionKinds<RoleSessionOptions> = {
  roleArn: needed('text'),
  sessionName: 'text',
  externalId: 'text',
  duration: 'duration',
  tags: 'any',
};

const ASSUME_ROLE: OptionKinds<AssumeRoleOptions> = {
  ...ROLE_SESSION,
  via: group<RoleSessionOptions>(ROLE_SESSION),
  endpoint: 'text',
};

export const AWS_CONNECTION_OPTIONS: OptionKinds<AwsConnectionOptions> = {
  client: 'any',
  region: 'text',
  endpoint: 'text',
  credentials: 'any',
  assumeRole: group<AssumeRoleOptions>(ASSUME_ROLE),
  useFipsEndpoint: 'boolean',
  useDualstackEndpoint: 'boolean',
  allowInsecure: 'boolean',
};

export const AWS_NAMING_OPTIONS: OptionKinds<AwsNamingOptions> = {
  prefix: 'text',
  document: 'text',
  optional: 'boolean',
  createIfMissing: 'boolean',
  json: 'boolean',
};

/** What is an option elsewhere. */
export const AWS_HINTS = {
  tls: "The SDK trusts Node's list: name the file of a CA of your own in NODE_EXTRA_CA_CERTS, or give a `client` with a request handler of its own.",
  timeout: 'It stands in the options of HcpVaultModule, for whatever source.',
  profile: 'Set AWS_PROFILE, or give `credentials: fromIni({ profile })` of `@aws-sdk/credential-providers`.',
};
