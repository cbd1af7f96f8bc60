import type { MountOption } from '../call-fields.js';
import { mountOf, toFields } from '../call-fields.js';
import type { VaultResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultAwsCredentials {
  readonly access_key: string;
  readonly secret_key: string;
  /** Of the types `assumed_role`, `federation_token` and `session_token`. */
  readonly security_token?: string | null;
  readonly session_token?: string | null;
  readonly arn?: string;
}

export interface VaultAwsRequest extends MountOption {
  /** Which of the role's `role_arns` to assume. @default its only one */
  readonly roleArn?: string | undefined;
  readonly roleSessionName?: string | undefined;
  /** E.g. `'1h'`; of the types that STS issues. @default the role's `default_sts_ttl` */
  readonly ttl?: string | undefined;
}

/** The AWS engine. `mount` is `'aws'` unless given, in either object. Each call issues new credentials, so a failed one is never repeated. */
export class AwsEngine {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `GET :mount/creds/:role`: an IAM user's keys with a renewable lease, or what STS issues, which can't be renewed. @throws VaultInvalidRequestError for an unknown role. */
  async generateCredentials(
    role: string,
    request: VaultAwsRequest = {},
    options?: MountOption,
  ): Promise<VaultResponse<VaultAwsCredentials>> {
    const usual = mountOf(options, 'aws', 'client.aws.generateCredentials');
    const { mount = usual, roleArn, roleSessionName, ttl } = request;
    return this.#requester.call({
      path: VaultPath.of(mount, 'creds', role),
      query: { role_arn: roleArn, role_session_name: roleSessionName, ttl },
      repeatable: false,
    });
  }

  /** `POST :mount/sts/:role`: credentials of STS, which can't be renewed. @throws VaultInvalidRequestError for an unknown role, or one of the type `iam_user`. */
  async generateStsCredentials(
    role: string,
    request: VaultAwsRequest = {},
    options?: MountOption,
  ): Promise<VaultResponse<VaultAwsCredentials>> {
    const usual = mountOf(options, 'aws', 'client.aws.generateStsCredentials');
    const { mount = usual, ...sent } = request;
    return this.#requester.call({ method: 'POST', path: VaultPath.of(mount, 'sts', role), body: toFields(sent) });
  }
}
