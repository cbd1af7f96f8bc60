/** The layering of lib/: nest → core ← sources; no cycles. See docs/contributing.md. */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'core-knows-no-other-layer',
      severity: 'error',
      from: { path: '^lib/core' },
      to: { path: '^lib/(nest|sources|testing|cli)' },
    },
    {
      name: 'core-knows-no-nest',
      severity: 'error',
      from: { path: '^lib/core' },
      to: { path: 'node_modules/@nestjs|reflect-metadata' },
    },
    {
      name: 'sources-know-the-core-alone',
      severity: 'error',
      from: { path: '^lib/sources' },
      to: { path: '^lib/(nest|testing|cli)|node_modules/@nestjs' },
    },
    {
      name: 'a-source-knows-no-other',
      severity: 'error',
      from: { path: '^lib/sources/([^/]+)/' },
      to: { path: '^lib/sources/([^/]+)/', pathNot: '^lib/sources/($1|http|watch)/' },
    },
    {
      name: 'an-aws-source-knows-what-they-share',
      severity: 'error',
      from: { path: '^lib/sources/aws/([^/]+)/' },
      to: { path: '^lib/sources/aws/', pathNot: '^lib/sources/aws/($1|shared)/' },
    },
    {
      name: 'nest-knows-the-core-alone',
      severity: 'error',
      from: { path: '^lib/nest' },
      to: { path: '^lib/(testing|cli)' },
    },
    {
      name: 'nest-names-a-backend-in-one-place',
      severity: 'error',
      from: { path: '^lib/nest', pathNot: '^lib/nest/module/default-source\\.ts$' },
      to: { path: '^lib/sources' },
    },
    {
      name: 'injection-reads-the-store',
      severity: 'error',
      from: { path: '^lib/nest/injection' },
      to: { path: '^lib/core/(tracking|cache|refresh|source)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-depends-on-little',
      severity: 'error',
      from: { path: '^lib/core' },
      to: { path: 'node_modules/(?!(ms|@types/ms|@types/node|rxjs|@standard-schema/spec)/)' },
    },
    {
      name: 'optional-packages-are-loaded-when-needed',
      comment: 'by `import()`: importing an entry must not need them',
      severity: 'error',
      from: { path: '^lib' },
      to: {
        path: 'node_modules/(@aws-sdk/|selfsigned/|pg/|ioredis/|@nestjs/(config|schedule|terminus)/)',
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'store-knows-secrets-alone',
      severity: 'error',
      from: { path: '^lib/core/store' },
      to: { path: '^lib/core/(tracking|cache|refresh|source|client)' },
    },
    {
      name: 'tracking-stands-on-the-store',
      severity: 'error',
      from: { path: '^lib/core/tracking' },
      to: { path: '^lib/core/(cache|refresh|rotation|client)' },
    },
    {
      name: 'cache-knows-no-store',
      severity: 'error',
      from: { path: '^lib/core/cache' },
      to: { path: '^lib/core/(store|refresh|rotation|client)' },
    },
    {
      name: 'refresh-knows-no-client',
      severity: 'error',
      from: { path: '^lib/core/refresh' },
      to: { path: '^lib/core/client' },
    },
    {
      name: 'no-test-code-in-lib',
      severity: 'error',
      from: { path: '^lib' },
      to: { path: '^(test|sample-app|bench)' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'] },
  },
};
