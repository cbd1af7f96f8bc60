export { VaultClient } from './vault-client.js';
export type { VaultClientOptions } from './vault-client.options.js';
export type { VaultCalls, VaultAuthMethods } from './vault-calls.js';
export type { VaultWrappingClient } from './wrapping-client.js';
export type {
  VaultMethod,
  VaultRawAnswer,
  VaultRequestOptions,
  VaultStreamAnswer,
  VaultStreamOptions,
} from './any-request.js';
export type { VaultTlsOptions } from './vault.tls.js';
export type { RetryOptions } from './wire/retry.policy.js';
export type { Fetch } from './wire/fetch.transport.js';
export {
  isVaultError,
  VaultConnectionError,
  VaultError,
  VaultForbiddenError,
  VaultInvalidPathError,
  VaultInvalidRequestError,
  VaultNotInitializedError,
  VaultRateLimitError,
  VaultSealedError,
  VaultServerError,
  VaultUnauthorizedError,
  VaultWrappingTokenError,
} from './vault.errors.js';
export type {
  VaultConnectionErrorDetails,
  VaultErrorDetails,
  VaultInvalidPathErrorDetails,
  VaultRateLimitErrorDetails,
  VaultVersionState,
} from './vault.errors.js';
export type {
  VaultAuth,
  VaultAuthResponse,
  VaultKeys,
  VaultResponse,
  VaultWrapInfo,
  VaultWrappedResponse,
} from './vault.answer.js';
export type { MountOption } from './call-fields.js';
export type { VaultAppRoleLogin, VaultSecretId, VaultSecretIdRequest } from './auth/app-role.auth.js';
export type { VaultAwsIamLogin } from './auth/aws-iam.auth.js';
export type { VaultAzureLogin } from './auth/azure.auth.js';
export type { VaultCertLogin } from './auth/cert.auth.js';
export type { VaultGithubLogin } from './auth/github.auth.js';
export type { VaultJwtLogin } from './auth/jwt.auth.js';
export type { VaultKubernetesLogin } from './auth/kubernetes.auth.js';
export type { VaultTokenData, VaultTokenRequest } from './auth/token.auth.js';
export type { VaultUserpassLogin } from './auth/userpass.auth.js';
export type { VaultKvPatchOptions, VaultKvReadOptions, VaultKvWriteOptions } from './kv/kv-v2.engine.js';
export type {
  VaultKvConfiguration,
  VaultKvMetadata,
  VaultKvMetadataPatch,
  VaultKvMetadataUpdate,
  VaultKvSecret,
  VaultKvVersion,
  VaultKvVersionMetadata,
} from './kv/kv-v2.answers.js';
export type { VaultDatabaseCredentials, VaultStaticDatabaseCredentials } from './engines/database.engine.js';
export type { VaultAwsCredentials, VaultAwsRequest } from './engines/aws.engine.js';
export type {
  VaultCertificateRequest,
  VaultIssuedCertificate,
  VaultSignedCertificate,
  VaultSigningRequest,
} from './engines/pki.engine.js';
export type {
  VaultIdentityKey,
  VaultIdentityKeyRequest,
  VaultIdentityKeySet,
  VaultIdentityRole,
  VaultIdentityRoleRequest,
  VaultIdentityToken,
} from './engines/identity.engine.js';
export type {
  VaultIssuedSshKey,
  VaultSignedSshKey,
  VaultSshCertificateRequest,
  VaultSshCredentials,
  VaultSshCredentialsRequest,
  VaultSshIssueRequest,
  VaultSshSigningRequest,
} from './engines/ssh.engine.js';
export type { VaultTotpKey, VaultTotpKeyRequest, VaultTotpNewKey } from './engines/totp.engine.js';
export type { VaultBytes } from './engines/transit.bytes.js';
export type { VaultBatch } from './engines/transit.engine.js';
export type {
  VaultTransitCiphertext,
  VaultTransitInput,
  VaultTransitPlaintext,
  VaultTransitRewrapItem,
} from './engines/transit.items.js';
export type {
  VaultTransitExport,
  VaultTransitExportOptions,
  VaultTransitExportType,
  VaultTransitKey,
  VaultTransitKeyConfiguration,
  VaultTransitKeyRequest,
  VaultTransitRestoreOptions,
} from './engines/transit.keys.js';
export type {
  VaultDataKeyOptions,
  VaultRandomBytesOptions,
  VaultTransitDecryptOptions,
  VaultTransitEncryptOptions,
  VaultTransitHashOptions,
  VaultTransitHmacOptions,
  VaultTransitOptions,
  VaultTransitRewrapOptions,
  VaultTransitSignOptions,
  VaultTransitVerifyOptions,
} from './engines/transit.options.js';
export type { VaultHealthData, VaultHealthResponse, VaultHealthState, VaultHealthStatus } from './sys/health.sys.js';
export type { VaultLeaseData, VaultRevokeOptions } from './sys/leases.sys.js';
export type {
  VaultNamespace,
  VaultNamespaceRequest,
  VaultNamespaces,
  VaultNamespaceUpdate,
} from './sys/namespaces.sys.js';
export type { VaultQuota, VaultQuotaRequest, VaultQuotasConfiguration } from './sys/quotas.sys.js';
export type { VaultMount, VaultMountRequest } from './sys/mounts.sys.js';
export type { VaultAuditDevice, VaultAuditRequest } from './sys/audit.sys.js';
export type { VaultCapabilities, VaultPolicy } from './sys/policies.sys.js';
export type { VaultSealStatus, VaultUnsealRequest } from './sys/seal.sys.js';
export type { VaultWrapLookup } from './sys/wrapping.sys.js';

// The client's parts, for parameters that take one: `client.transit` is a `VaultTransitEngine`.
export type { VaultSys } from './sys/vault.sys.js';
export type { KvV1 as VaultKvV1 } from './kv/kv-v1.engine.js';
export type { KvV2 as VaultKvV2 } from './kv/kv-v2.engine.js';
export type { AwsEngine as VaultAwsEngine } from './engines/aws.engine.js';
export type { DatabaseEngine as VaultDatabaseEngine } from './engines/database.engine.js';
export type { IdentityEngine as VaultIdentityEngine } from './engines/identity.engine.js';
export type { PkiEngine as VaultPkiEngine } from './engines/pki.engine.js';
export type { SshEngine as VaultSshEngine } from './engines/ssh.engine.js';
export type { TotpEngine as VaultTotpEngine } from './engines/totp.engine.js';
export type { TransitEngine as VaultTransitEngine } from './engines/transit.engine.js';
export type { AppRoleAuth as VaultAppRoleAuth } from './auth/app-role.auth.js';
export type { AwsIamAuth as VaultAwsIamAuth } from './auth/aws-iam.auth.js';
export type { AzureAuth as VaultAzureAuth } from './auth/azure.auth.js';
export type { CertAuth as VaultCertAuth } from './auth/cert.auth.js';
export type { GithubAuth as VaultGithubAuth } from './auth/github.auth.js';
export type { JwtAuth as VaultJwtAuth } from './auth/jwt.auth.js';
export type { KubernetesAuth as VaultKubernetesAuth } from './auth/kubernetes.auth.js';
export type { TokenAuth as VaultTokenAuth } from './auth/token.auth.js';
export type { UserpassAuth as VaultUserpassAuth } from './auth/userpass.auth.js';
export type { TransitKeys as VaultTransitKeys } from './engines/transit.keys.js';
export type { AuditDevices as VaultAuditDevices } from './sys/audit.sys.js';
export type { SysLeases as VaultLeases } from './sys/leases.sys.js';
export type { Mounts as VaultMounts } from './sys/mounts.sys.js';
export type { SysNamespaces as VaultSysNamespaces } from './sys/namespaces.sys.js';
export type { Policies as VaultPolicies } from './sys/policies.sys.js';
export type { SysQuotas as VaultQuotas } from './sys/quotas.sys.js';
export type { Seal as VaultSeal } from './sys/seal.sys.js';
export type { SysWrapping as VaultWrapping } from './sys/wrapping.sys.js';
