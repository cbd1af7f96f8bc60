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
      to: { path: '^lib/sources/([^/]+)/', pathNot: '^lib/sources/($1|http)/' },
    },
    {
      name: 'nest-knows-the-core-alone',
      severity: 'error',
      from: { path: '^lib/nest' },
      to: { path: '^lib/(testing|cli)' },
    },
    {
      name: 'store-knows-secrets-alone',
      severity: 'error',
      from: { path: '^lib/core/store' },
      to: { path: '^lib/core/(cache|refresh|source|client)' },
    },
    {
      name: 'cache-knows-no-store',
      severity: 'error',
      from: { path: '^lib/core/cache' },
      to: { path: '^lib/core/(store|refresh|client)' },
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
