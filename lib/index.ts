// The public promise of the main entry. Withheld on purpose: the runtime, the cache and the store behind the client, which change freely.
export * from './core/secret/secret-types.js';
export { HcpVaultModule } from './nest/module/hcp-vault.module.js';
export type {
  HcpVaultModuleAsyncOptions,
  HcpVaultModuleOptions,
  HcpVaultModuleStatic,
  HcpVaultOptionsFactory,
} from './nest/module/module-options.js';
export {
  InjectHcpVaultClient,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
} from './nest/injection/inject-secret.decorator.js';
export type {
  InjectionDecorator,
  InjectSecretOptions,
  InjectSecretRefOptions,
} from './nest/injection/inject-secret.decorator.js';
export { getClientToken, getSecretRefToken, getSecretSourceToken, getSecretToken } from './nest/injection/tokens.js';
export type { SecretRefTokenOptions, SecretTokenOptions } from './nest/injection/tokens.js';
export { WithSecrets } from './nest/injection/with-secrets.decorator.js';
export { OnSecretRotated } from './nest/lifecycle/on-secret-rotated.decorator.js';
export type { OnSecretRotatedOptions } from './nest/lifecycle/on-secret-rotated.decorator.js';
export { rotatingProvider } from './nest/lifecycle/rotating-provider.js';
export type { RotatingProviderOptions } from './nest/lifecycle/rotating-provider.js';
export { rejectsOf } from './core/rotation/rejects-of.js';
export type { HttpRejectsOptions, RejectsOf, RejectsOptions } from './core/rotation/rejects-of.js';
export type { Rotating } from './core/rotation/rotating.js';
export { HcpVaultWebhookModule } from './nest/webhook/hcp-vault-webhook.module.js';
export type {
  HcpVaultWebhookAsyncOptions,
  HcpVaultWebhookOptions,
  HcpVaultWebhookStatic,
  HcpVaultWebhookVerification,
} from './nest/webhook/webhook-options.js';
export { HcpVaultStatusModule } from './nest/status/hcp-vault-status.module.js';
export type {
  HcpVaultStatusAccess,
  HcpVaultStatusAsyncOptions,
  HcpVaultStatusCredentials,
  HcpVaultStatusOptions,
  StatusGuard,
  StatusToken,
} from './nest/status/status-options.js';
export type {
  ConnectionReport,
  EventReport,
  Replica,
  SecretReport,
  StandingCounts,
  StatusLevel,
  StatusReport,
  Verdict,
} from './core/status/status-report.js';
export type { SecretStanding } from './core/status/secret-standing.js';
export { configSecret, registerSecrets } from './nest/config/register-secrets.js';
export type { RegisterSecretsOptions, SecretsConfigFactory } from './nest/config/register-secrets.js';
export { secretNames } from './nest/config/secrets-view.js';
export type { SecretsView } from './nest/config/secrets-view.js';
export { HcpVaultClient } from './core/client/typed-client.js';
export type {
  FetchOptions,
  PathOptions,
  ReadOptions,
  RefOptions,
  UpdateOptions,
  WithSecretOptions,
} from './core/client/read-options.js';
export type { ClientOptions } from './core/client/client-options.js';
export type { CatchPlace } from './core/guard/catches.js';
export type { Telemetry } from './core/observe/telemetry.js';
export type { RefreshReport } from './core/client/source-operations.js';
export type { SecretConsumer } from './core/client/requirement.js';
export type { ConnectionStatus, SecretCounts } from './core/client/connection-status.js';
export type { SourceCallStatus } from './core/observe/source-calls.js';
export type { AuditedConsumer, AuditRecord, AuditWay } from './core/observe/audit.js';
export type { ChannelState, ChannelStatus } from './core/refresh/watching.js';
export type { ResourceStatus } from './core/rotation/resource-life.js';
export type { CacheStatus } from './core/shared/tier-health.js';
export type { SecretStatus } from './core/client/status.js';
export type { SecretEvent, SecretEventType, SessionStatus } from './core/refresh/secret-events.js';
export type { CacheHook } from './core/cache/value-validation.js';
export type { Duration } from './core/duration.js';
export * from './core/errors/index.js';
export { Lease } from './core/secret/lease.js';
export type { LeaseOptions } from './core/secret/lease.js';
export type { JsonArray, JsonObject, JsonValue, ReadonlyJson, ReadonlyJsonObject } from './core/secret/json.js';
export { untyped } from './core/secret/untyped.js';
export type { UntypedName } from './core/secret/untyped.js';
export { SecretVersion } from './core/secret/secret-version.js';
export type { SecretOrigin, SecretVersionOptions, VersionKind } from './core/secret/secret-version.js';
export type { DeepReadonly, ReadonlySecretValue, SecretValue } from './core/secret/secret-value.js';
export type {
  FieldOf,
  FieldPathOf,
  ReadSecret,
  SecretName,
  SecretOf,
  SecretTypesOf,
} from './core/secret/typed-names.js';
export type { AnnouncedChange, ChangeListener } from './core/source/change-listener.js';
export type { CloseChannel, OpenContext, PushChannel } from './core/source/push-channel.js';
export type {
  PathContext,
  ReadContext,
  SecretPlace,
  SecretSource,
  Unsubscribe,
  WriteContext,
} from './core/source/secret-source.js';
export type { SourceEvent, SourceEventType, SourceNoticeType } from './core/source/source-event.js';
export type { WebhookSecret } from './core/webhook/webhook-keys.js';
export type {
  AnnouncingVerdict,
  VerifyWebhook,
  WebhookCall,
  WebhookChanges,
  WebhookHeaders,
  WebhookVerdict,
  WebhookVerifier,
} from './core/webhook/webhook-verifier.js';
export { SecretRef } from './core/store/secret-ref.js';
export type { SecretRotatedEvent } from './core/store/rotation-event.js';
export { hcpVaultSecrets } from './sources/hcp-vault-secrets/index.js';
export type { HcpVaultSecretsOptions, HcpVaultSecretsSource } from './sources/hcp-vault-secrets/index.js';
export { memorySource } from './sources/memory/index.js';
export type { MemorySource } from './sources/memory/index.js';
export { directorySource } from './sources/directory/index.js';
export type { DirectorySource, DirectorySourceOptions } from './sources/directory/index.js';
export { envSource } from './sources/env/index.js';
export type { EnvSource, EnvSourceOptions } from './sources/env/index.js';
export { fileSource } from './sources/file/index.js';
export type { FileSource, FileSourceOptions } from './sources/file/index.js';
export { firstOf } from './sources/first-of/index.js';
export type { FirstOfSource } from './sources/first-of/index.js';
export type { TlsOptions } from './sources/http/index.js';
export { doppler, eventGrid, infisical, standardWebhooks } from './sources/webhooks/index.js';
export type { EventGridOptions } from './sources/webhooks/index.js';
export { diskCache } from './caches/disk/index.js';
export type { DiskCacheOptions } from './caches/disk/index.js';
export type { SharedCache } from './core/shared/shared-cache.js';
export type { SharedKey, SharedKeys } from './core/shared/shared-keys.js';

export { eventBridge } from './sources/aws/event-bridge/event-bridge.verifier.js';
export type { EventBridgeOptions } from './sources/aws/event-bridge/event-bridge.verifier.js';
