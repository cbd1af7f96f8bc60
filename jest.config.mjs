import { readFileSync } from 'node:fs';

const { compilerOptions } = JSON.parse(readFileSync(new URL('./tsconfig.json', import.meta.url), 'utf8'));

/** Nest 12 is ESM only, so jest runs in ESM mode; the public names resolve to the sources, so tests import what users import. */
const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'json', 'node'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
};

const setup = '<rootDir>/test/canary/environment.setup.mjs';
/** Each entry of the package as its source: `nestjs-hcp-vault/testing` → `lib/testing/index.ts`, as the compiler has it. */
const sourcesForNames = Object.fromEntries(
  Object.entries(compilerOptions.paths).map(([name, [source]]) => [`^${name}$`, source.replace('./', '<rootDir>/')]),
);
const typescriptForJavascript = { '^(\\.{1,2}/.*)\\.js$': '$1' };

/** Folders whose tests try what is published: a tarball is built once for them, and only when one of them runs. */
const published = ['package', 'canary'];

export default {
  projects: [
    {
      ...shared,
      displayName: 'source',
      testMatch: ['<rootDir>/test/**/*.spec.ts'],
      setupFilesAfterEnv: [setup],
      testPathIgnorePatterns: ['/node_modules/', ...published.map((folder) => `<rootDir>/test/${folder}/`)],
      moduleNameMapper: { ...sourcesForNames, ...typescriptForJavascript },
    },
    {
      ...shared,
      displayName: 'package',
      testMatch: published.map((folder) => `<rootDir>/test/${folder}/**/*.spec.ts`),
      moduleNameMapper: typescriptForJavascript,
      setupFilesAfterEnv: [setup, '<rootDir>/test/package/support/time.setup.mjs'],
      globalSetup: '<rootDir>/test/package/support/pack.setup.mjs',
      globalTeardown: '<rootDir>/test/package/support/pack.teardown.mjs',
    },
  ],
  // More than the two cores that CI has: specs with real servers wait for most of their time.
  maxWorkers: 3,
  testSequencer: '<rootDir>/test/support/longest-first.sequencer.mjs',
  testTimeout: 20_000,
};
