import { foreignCause, SecretConfigurationError } from '../../../../core/errors/index.js';
import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import type { VaultAuthResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';
import type { AwsCredentials } from './sigv4.js';
import { signForSts } from './sigv4.js';

export interface VaultAwsIamLogin extends MountOption {
  /** @default the friendly name of the IAM principal */
  readonly role?: string | undefined;
  /** What the mount has as `iam_server_id_header_value`: a signature made for one Vault is then no good for another. */
  readonly serverId?: string | undefined;
  /** Fixed ones, or a provider, e.g. of an SDK client. @default AWS's own chain: variables, shared files, containers, instances; needs the package `@aws-sdk/credential-providers` */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>) | undefined;
  /** The region to sign for; its own STS is then named in the request. @default 'us-east-1', with the global STS */
  readonly region?: string | undefined;
}

export const AWS_IAM_LOGIN: OptionKinds<VaultAwsIamLogin> = {
  role: 'text',
  serverId: 'text',
  credentials: 'any',
  region: 'text',
  mount: 'text',
};

const BODY = 'Action=GetCallerIdentity&Version=2011-06-15';
const PROVIDERS = '@aws-sdk/credential-providers';

/** `auth/aws`, of the type `iam`: Vault shows a request that we signed to AWS, which tells it who we are. */
export class AwsIamAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /**
   * `POST auth/:mount/login` with a signed `sts:GetCallerIdentity`. Sets the client's token.
   * @throws VaultInvalidRequestError or VaultForbiddenError where AWS or the role refuses, SecretConfigurationError without credentials.
   */
  async login(given?: VaultAwsIamLogin): Promise<VaultAuthResponse> {
    const login = ownOptions(given, AWS_IAM_LOGIN, 'client.auth.awsIam.login');
    const { role, serverId, region, mount = 'aws' } = login;
    const request = {
      url: region === undefined ? 'https://sts.amazonaws.com/' : `https://sts.${region}.${suffixOf(region)}/`,
      body: BODY,
      headers: {
        'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
        'Content-Length': String(BODY.length),
        ...(serverId !== undefined && { 'X-Vault-AWS-IAM-Server-ID': serverId }),
      },
    };
    const signed = signForSts(request, await credentialsOf(login), region ?? 'us-east-1', new Date());
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    return this.#requester.login(VaultPath.of('auth', mount, 'login'), {
      role,
      iam_http_request_method: 'POST',
      iam_request_url: base64(signed.url),
      iam_request_headers: base64(JSON.stringify(signed.headers)),
      iam_request_body: base64(signed.body),
    });
  }
}

const suffixOf = (region: string): string => (region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com');

async function credentialsOf({ credentials }: VaultAwsIamLogin): Promise<AwsCredentials> {
  if (typeof credentials === 'object') return credentials;
  const provide = credentials ?? (await chain());
  try {
    return await provide();
  } catch (cause) {
    const { name } = foreignCause(cause) ?? { name: 'Error' };
    throw new SecretConfigurationError(
      `No AWS credentials for the login at Vault (${name}): set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or an instance's or container's role.`,
      { cause },
    );
  }
}

async function chain(): Promise<() => Promise<AwsCredentials>> {
  try {
    const sdk = await import('@aws-sdk/credential-providers'); // by a literal, or a bundler would leave it out without a word
    // The SDK reads the shared files once a process, and another process may have written others since.
    return sdk.fromNodeProviderChain({ ignoreCache: true });
  } catch (cause) {
    throw new SecretConfigurationError(
      `The login by AWS IAM needs the package ${PROVIDERS}: npm install ${PROVIDERS}, or give \`credentials\`.`,
      { cause },
    );
  }
}
