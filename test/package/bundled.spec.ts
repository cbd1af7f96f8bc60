import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesIn, linkedConsumer, needed, unpacked } from './support/packed.js';
import { run, runWell } from './support/run.js';

const formats = ['esm', 'cjs'] as const;
const entries = ['index', 'vault', 'aws', 'gcp', 'azure', 'guard', 'kubernetes', 'opentelemetry', 'redis', 'terminus', 'testing'] as const; // prettier-ignore
const others = entries.filter((entry) => entry !== 'index').join(', ');

/** Loads all entries of one format by their files, each as what its file is called. */
const loading = (format: 'esm' | 'cjs'): string =>
  entries
    .map((name) => {
      const file = `./node_modules/nestjs-hcp-vault/dist/${format}/${name}.js`;
      return format === 'esm' ? `import * as ${name} from '${file}';` : `const ${name} = require('${file}');`;
    })
    .join('\n');

const printedBy = async (format: 'esm' | 'cjs', program: string): Promise<unknown> => {
  const name = format === 'esm' ? 'main.mjs' : 'main.cjs';
  const project = await linkedConsumer(needed, { [name]: `${loading(format)}\n${program}` });
  return JSON.parse(await runWell(process.execPath, [name], { cwd: project })) as unknown;
};

describe.each(formats)('the bundles, as %s', (format) => {
  it('given all classes of all entries, when their names are read, then they are those of the exports', async () => {
    const program = `
      const all = Object.entries(Object.assign({}, index, ${others})).filter(([, made]) => /^class\\b/.test(String(made)));
      console.log(JSON.stringify({ count: all.length, odd: all.filter(([name, made]) => made.name !== name).map(([name, made]) => [name, made.name]) }));
    `;
    const { count, odd } = (await printedBy(format, program)) as { count: number; odd: string[][] };
    expect(count).toBeGreaterThan(20);
    expect(odd).toEqual([]);
  });

  it('given entries that share a class, when things of one are tried by another, then there is one of each', async () => {
    const program = `
      const shared = Object.keys(index).filter((name) => [${others}].some((other) => name in other && other[name] !== index[name]));
      const thrownBy = (make) => { try { make(); } catch (error) { return error instanceof index.SecretConfigurationError && index.isSecretError(error); } };
      (async () => {
        const mounted = thrownBy(() => aws.awsSecretsManager({ endpoint: 'no url' }));
        const google = thrownBy(() => gcp.googleSecretManager({ endpoint: 'no url' }));
        const client = thrownBy(() => new vault.VaultClient({ address: 'no url' }));
        const guarded = thrownBy(() => guard.secretsGuard({}));
        const emulator = await testing.HcpVaultSecretsEmulator.start({ seed: 'no seed' }).then(() => 'started', (error) => error instanceof index.SecretError);
        console.log(JSON.stringify({ shared, mounted, google, client, guarded, emulator, inherits: testing.HcpVaultTestClient.prototype instanceof index.HcpVaultClient }));
      })();
    `;
    expect(await printedBy(format, program)).toEqual({
      shared: [],
      mounted: true,
      google: true,
      client: true,
      guarded: true,
      emulator: true,
      inherits: true,
    });
  });

  it('given what is loaded lazily, when the files are searched, then each package is named by a literal', async () => {
    const folder = join(unpacked, 'dist', format);
    const files = (await filesIn(folder)).filter((file) => file.endsWith('.js'));
    const text = (await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
    const calls = format === 'esm' ? /\bimport\(([^)]*)\)/g : /__toESM\(require\(([^)]*)\)/g;
    const named = [...text.matchAll(calls)].map(([, specifier]) => specifier);
    expect(named.every((specifier) => /^"[^"]+"$/.test(specifier!))).toBe(true);
    const packages = named.map((specifier) => JSON.parse(specifier!) as string).filter((name) => !name.startsWith('.'));
    expect(new Set(packages)).toEqual(
      new Set([
        'undici/index.js', // Bun has a module of its own for the bare name
        'selfsigned',
        '@nestjs/schedule',
        '@nestjs/terminus',
        '@opentelemetry/api',
        '@aws-sdk/client-secrets-manager',
        '@aws-sdk/client-sns',
        '@aws-sdk/client-sqs',
        '@aws-sdk/client-ssm',
        '@aws-sdk/credential-providers',
        'ioredis',
        'redis',
        'yaml',
      ]),
    );
    if (format === 'cjs') expect(text).not.toMatch(/\bimport\(/); // Jest's CommonJS has none
    expect(text).not.toContain('@oxc-project/runtime');
  });
});

describe('the bundles', () => {
  it.each(['vault', 'aws', 'gcp', 'azure', 'kubernetes', 'opentelemetry', 'redis'])('given the entry for %s, when it is loaded alone, then neither Nest nor rxjs is', async (entry) => {
    const program = `
      import { createRequire } from 'node:module';
      import 'nestjs-hcp-vault/${entry}';
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => /node_modules.(@nestjs|rxjs|undici)/.test(file));
      console.log(JSON.stringify(loaded));
    `;
    const project = await linkedConsumer(['ms'], { 'main.mjs': program });
    expect(JSON.parse(await runWell(process.execPath, ['main.mjs'], { cwd: project }))).toEqual([]);
  }); // prettier-ignore

  it('given an error, when Node is told to use source maps, then its stack leads to the sources, which the maps hold', async () => {
    const program = `
      import { hcpVaultSecrets } from 'nestjs-hcp-vault';
      hcpVaultSecrets({ apiUrl: 'no url', unknown: 1 });
    `;
    const project = await linkedConsumer(needed, { 'main.mjs': program });
    const { code, stderr } = await run(process.execPath, ['--enable-source-maps', 'main.mjs'], { cwd: project });
    expect(code).toBe(1);
    const [, file, line] = /\/nestjs-hcp-vault\/(lib\/\S+\.ts):(\d+):\d+/.exec(stderr) ?? [];
    expect(file).toMatch(/^lib\/(core|sources)\//);
    expect(stderr).not.toMatch(/dist\/esm\/.*\.js:\d+/);
    const maps = (await filesIn(join(unpacked, 'dist/esm'))).filter((name) => name.endsWith('.map'));
    const held = await Promise.all(
      maps.map(async (name) => {
        const map = JSON.parse(await readFile(join(unpacked, 'dist/esm', name), 'utf8')) as {
          sources: string[];
          sourcesContent: string[];
        };
        return map.sources.map((source, i) => [source.replace(/^[./]+/, ''), map.sourcesContent[i]] as const);
      }),
    );
    const content = new Map(held.flat());
    expect(content.get(file!)?.split('\n')[Number(line) - 1]).toMatch(/\bthrow\b|\bnew\b|\(/);
    for (const [source, text] of content) {
      if (!source.startsWith('lib/')) continue;
      expect([source, text === (await readFile(source, 'utf8'))]).toEqual([source, true]);
    }
  });
});
