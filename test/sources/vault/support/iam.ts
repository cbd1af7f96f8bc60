import type { VaultClient } from '../../../../lib/sources/vault/index.js';

/** moto takes any key. */
export const iamCredentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'canary-aws-secret' };
export const IAM_SERVER_ID = 'vault.test';

/** Vault's login by IAM with moto as AWS, and a role `app` for the user that moto takes everybody for. */
export async function setUpIam(root: VaultClient, moto: { readonly endpoint: string }, policy: string): Promise<void> {
  await root.sys.enableAuthMethod('aws');
  await root.write('auth/aws/config/client', {
    sts_endpoint: moto.endpoint,
    iam_endpoint: moto.endpoint,
    sts_region: 'us-east-1',
    iam_server_id_header_value: IAM_SERVER_ID,
  });
  await root.write('auth/aws/role/app', {
    auth_type: 'iam',
    bound_iam_principal_arn: 'arn:aws:iam::123456789012:user/moto',
    resolve_aws_unique_ids: false,
    token_policies: policy,
  });
}
