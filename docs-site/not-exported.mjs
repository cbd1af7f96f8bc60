// Types that public ones refer to, and that no user would name: TypeDoc shows what they say in place. One that a user would name is exported.
const of = (file, ...names) => names.map((name) => `lib/${file}.ts:${name}`);

export const NOT_EXPORTED = [
  // Cases of a union, and what several options have in common.
  ...of('nest/module/module-options', 'WithFactory', 'WithClass', 'WithExisting'),
  ...of('sources/hcp-vault-secrets/hcp-vault-secrets.options', 'CommonOptions', 'IdentifiedByIds', 'IdentifiedByUrl'),
  ...of('nest/status/status-options', 'StatusPlace', 'StatusSettings', 'StatusAccess'),
  ...of('sources/aws/shared/aws.options', 'OwnClient', 'GivenClient'),
  ...of('sources/aws/parameter-store/parameter-store.options', 'ParameterStoreOptions'),
  ...of('sources/aws/secrets-manager/secrets-manager.options', 'SecretsManagerOptions'),
  ...of('sources/aws/sqs-events/sqs-events.options', 'OfQueue', 'OfTopic'),
  ...of('sources/gcp/pubsub/pub-sub-events.options', 'OfTopic', 'OfSubscription'),
  ...of('sources/vault/source/vault.source.options', 'KvByPrefix', 'KvByDocument', 'KvByDocuments', 'VaultInternals'),
  ...of('core/tracking/transitions', 'TransitionType'),
  ...of('core/refresh/secret-events', 'CacheEventType'),
  ...of('core/shared/shared-keys', 'KeyMaterial'),
  // Steps of what the compiler works out.
  ...of(
    'core/secret/typed-names',
    'Split',
    'Step',
    'Onward',
    'Depth',
    'Segment',
    'TypesOf',
    'Default',
    'Reading',
    'NameOf',
    'NameWithType',
  ),
  ...of('sources/vault/client/sys/health.sys', 'STATES'),
  ...of('sources/vault/client/wrapping-client', 'Wrapped', 'NeverWrapped'),
  ...of('sources/vault/client/engines/transit.engine', 'Many'),
  ...of('caches/redis/client/redis-connection', 'Method'),
  // Short names of a file for a type that is written out in the port (`ReadonlyMap<string, SecretVersion | SecretError>`).
  ...of('sources/env/env.source', 'Results'),
  ...of('sources/first-of/contents', 'Results'),
  ...of('sources/aws/shared/aws.source', 'Results'),
  ...of('core/source/each-name', 'Results'),
  ...of('sources/vault/source/kv.names', 'Results'),
  ...of('sources/memory/memory.source', 'Values'),
  ...of('sources/vault/source/any.secret', 'Data'),
  // What the package makes, and hands to itself.
  ...of('core/client/secret-runtime', 'SecretRuntime'),
  ...of('core/store/live-secret', 'LiveSecret'),
  ...of('core/store/live-store', 'LiveStore'),
  ...of('core/store/secret-ref', 'SecretRefOptions'),
  ...of('core/shared/shared-cache', 'SharedTier', 'SharedScope'),
  ...of('core/observe/telemetry', 'Measuring', 'MeasuredConnection'),
  ...of('nest/status/status-mount', 'StatusSurroundings'),
  ...of('nest/webhook/webhook-mount', 'WebhookMount'),
  // For tests of the package, or a shape that an SDK has.
  ...of('core/clock', 'Clock'),
  ...of('sources/vault/client/auth/sigv4', 'AwsCredentials'),
];
