import { join } from 'node:path';
import { installedTool, linkedConsumer, needed } from './support/packed.js';
import { runWell } from './support/run.js';

/** An app with a job of cron and one of an interval, and errors of all kinds, in plain JavaScript. */
const program = `
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { ScheduleModule, SchedulerRegistry } from '@nestjs/schedule';
import * as main from 'nestjs-hcp-vault';
import * as vault from 'nestjs-hcp-vault/vault';

const { HcpVaultModule, memorySource } = main;
const source = memorySource({ KEY: 'key-1' });
const appWith = (refresh) =>
  NestFactory.createApplicationContext(
    {
      module: class AppModule {},
      imports: [ScheduleModule.forRoot(), HcpVaultModule.forRoot({ source, required: ['KEY'], refresh })],
    },
    { logger: false, abortOnError: false },
  );
const jobs = {};
for (const [kind, refresh] of [['cron', { cron: '0 * * * *' }], ['every', { every: '10m' }]]) {
  const app = await appWith(refresh);
  const registry = app.get(SchedulerRegistry);
  jobs[kind] = kind === 'cron' ? [...registry.getCronJobs().keys()] : registry.getTimeouts();
  await app.close();
}
const refused = await appWith({ cron: 'banana' }).catch((error) => error);
const classes = Object.values({ ...main, ...vault }).filter(
  (made) => typeof made === 'function' && made.prototype instanceof Error && made !== main.SecretError,
);
const errors = Object.fromEntries(
  Object.entries({ ...main, ...vault })
    .filter(([, made]) => classes.includes(made))
    .map(([name, Made]) => [name, new Made('told')])
    .map(([name, error]) => [name, [error.name, error.constructor.name, main.isSecretError(error) || error instanceof vault.VaultError]]),
);
const located = new main.SecretNotFoundError('told').located({ secretName: 'KEY' });
console.log(JSON.stringify({
  isMinified: SchedulerRegistry.name.length < 4,
  jobs,
  refused: [refused.name, refused.message, refused instanceof main.SecretConfigurationError],
  errors,
  located: [located.name, located instanceof main.SecretNotFoundError],
}));
`;

/** What an app does not use, and Nest asks for all the same. */
const absent =
  ['@nestjs/websockets', '@nestjs/microservices', '@nestjs/platform-express', 'class-transformer', 'class-validator', '@aws-sdk/*'] // prettier-ignore
    .map((name) => `--external:${name}`);

describe('a minified bundle', () => {
  it('given an app with jobs and errors, when esbuild has minified it, then jobs are listed, and errors have their names', async () => {
    const [tool, project] = await Promise.all([
      installedTool('esbuild@0.28.2'),
      linkedConsumer([...needed, '@nestjs/schedule'], { 'main.mjs': program }),
    ]);
    const esbuild = join(tool, 'node_modules/esbuild/bin/esbuild');
    // What of Nest is CommonJS requires modules of Node.
    const banner = `import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);`;
    const how = [
      '--bundle',
      '--minify',
      '--platform=node',
      '--format=esm',
      '--log-level=error',
      `--banner:js=${banner}`,
    ];
    await runWell(esbuild, ['main.mjs', ...how, ...absent, '--outfile=bundle.mjs'], { cwd: project });
    const printed = JSON.parse(await runWell(process.execPath, ['bundle.mjs'], { cwd: project })) as {
      errors: Record<string, [string, string, boolean]>;
    };
    expect(printed).toMatchObject({
      isMinified: true,
      jobs: { cron: ['hcp-vault:default:refresh'], every: ['hcp-vault:default:refresh'] },
      refused: ['SecretConfigurationError', expect.stringContaining('"banana"'), true],
      located: ['SecretNotFoundError', true],
    });
    const names = Object.keys(printed.errors);
    expect(names).toEqual(expect.arrayContaining(['SecretBootstrapError', 'VaultError', 'VaultForbiddenError']));
    expect(printed.errors).toEqual(Object.fromEntries(names.map((name) => [name, [name, name, true]])));
  }, 60_000);
});

describe('what a bundle takes of the package', () => {
  const others = ['@nestjs/*', 'rxjs', 'rxjs/*', 'reflect-metadata', 'undici', 'ms', '@aws-sdk/*', 'selfsigned'];
  /** Texts that only some apps need. */
  const optional = ['<!doctype html>', 'HcpVaultStatusModule', 'HcpVaultWebhookModule', 'fileSource', 'eventBridge']; // prettier-ignore

  it.each([
    ['an import of names that are not used', `import { HcpVaultModule } from 'nestjs-hcp-vault';`, 0, []],
    ['the module', `export { HcpVaultModule } from 'nestjs-hcp-vault';`, 260, []],
    ['the status page', `export { HcpVaultModule, HcpVaultStatusModule } from 'nestjs-hcp-vault';`, 331, optional.slice(0, 2)],
    ['all of the main entry', `export * from 'nestjs-hcp-vault';`, 414, optional],
    ['the client of Vault', `export { VaultClient } from 'nestjs-hcp-vault/vault';`, 105, []],
  ])(
    'given %s, when esbuild has minified it, then it has the size that docs/serverless.md tells, and nothing that is not used',
    async (_, text, most, held) => {
      const [tool, project] = await Promise.all([
        installedTool('esbuild@0.28.2'),
        linkedConsumer([], { 'main.mjs': text }),
      ]);
      const how = ['--bundle', '--minify', '--platform=node', '--format=esm', '--log-level=error'];
      const externals = others.map((name) => `--external:${name}`);
      const esbuild = join(tool, 'node_modules/esbuild/bin/esbuild');
      const bundle = await runWell(esbuild, ['main.mjs', ...how, ...externals], { cwd: project });
      process.stdout.write(`${text} ${(bundle.length / 1e3).toFixed(0)} kB\n`);
      expect(optional.filter((part) => bundle.includes(part))).toEqual(held);
      expect(bundle.length / 1e3).toBeLessThanOrEqual(most);
      if (text.includes('/vault')) expect(bundle).not.toMatch(/@nestjs|rxjs/);
    },
    60_000,
  ); // prettier-ignore
});
