import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { linkedConsumer, needed, unpacked } from './support/packed.js';
import { runWell } from './support/run.js';

/** What is loaded when it is needed, undici and the optional peers, and what they bring along or may be replaced by: as packages that tell when they are loaded. */
async function trap(project: string): Promise<string[]> {
  const manifest = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8')) as {
    peerDependenciesMeta: Record<string, { optional?: boolean }>;
  };
  const sdks = ['client-secrets-manager', 'client-ssm', 'client-sts', 'credential-providers'].map(
    (n) => `@aws-sdk/${n}`,
  );
  const names = [
    ...new Set([...Object.keys(manifest.peerDependenciesMeta), ...sdks, 'undici', 'zod', '@nestjs/terminus']),
  ];
  for (const name of names) {
    const folder = join(project, 'node_modules', name);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name, version: '99.0.0', main: 'index.js' }));
    await writeFile(join(folder, 'index.js'), `console.log('loaded ' + ${JSON.stringify(name)});`);
  }
  return names;
}

/** The entries beside the main one, as package.json has them. */
const SUBPATHS = [
  '/vault',
  '/aws',
  '/gcp',
  '/azure',
  '/guard',
  '/kubernetes',
  '/opentelemetry',
  '/redis',
  '/terminus',
  '/testing',
];

describe('loading the package', () => {
  it.each(
    ['', ...SUBPATHS].flatMap((entry) => [
      [`${entry.slice(1) || 'main'}.mjs`, `import 'nestjs-hcp-vault${entry}';`],
      [`${entry.slice(1) || 'main'}.cjs`, `require('nestjs-hcp-vault${entry}');`],
    ]),
  )(
    'given undici and all optional packages at hand, when %s loads its entry, then none of them is loaded',
    async (name, text) => {
      const linked = needed.filter((other) => other !== 'undici');
      const project = await linkedConsumer(linked, { [name]: `${text} console.log('done');` });
      expect(await trap(project)).toEqual(
        expect.arrayContaining(['undici', 'selfsigned', '@nestjs/config', 'ioredis', 'redis', 'yaml']),
      );
      expect(await runWell(process.execPath, [name], { cwd: project })).toBe('done\n');
    },
  );

  it('given such a trap, when a program steps into it, then it tells', async () => {
    const project = await linkedConsumer([], { 'main.mjs': `import 'selfsigned';` });
    await trap(project);
    expect(await runWell(process.execPath, ['main.mjs'], { cwd: project })).toBe('loaded selfsigned\n');
  });

  it('given none of the optional packages, when every entry is loaded, then nothing is missed', async () => {
    const program = `
      import { readFileSync } from 'node:fs';
      const { exports } = JSON.parse(readFileSync('node_modules/nestjs-hcp-vault/package.json', 'utf8'));
      for (const entry of Object.keys(exports).filter((entry) => !entry.endsWith('.json'))) {
        const found = await import('nestjs-hcp-vault' + entry.slice(1));
        if (Object.keys(found).length === 0) throw new Error(entry + ' exports nothing');
        console.log(entry);
      }
    `;
    const project = await linkedConsumer(needed, { 'all.mjs': program });
    const entries = (await runWell(process.execPath, ['all.mjs'], { cwd: project })).trim().split('\n');
    expect(entries).toEqual(['', ...SUBPATHS].map((entry) => `.${entry}`));
  });

  it.each(['', ...SUBPATHS])(
    'given nestjs-hcp-vault%s imported and required in one process, when both are compared, then they are one copy',
    async (entry) => {
      const program = `
        import { createRequire } from 'node:module';
        import * as imported from 'nestjs-hcp-vault${entry}';
        const required = createRequire(import.meta.url)('nestjs-hcp-vault${entry}');
        const names = Object.keys(imported);
        console.log(JSON.stringify([names.length > 0, names.filter((name) => imported[name] !== required[name])]));
      `;
      const project = await linkedConsumer(needed, { 'both.mjs': program });
      const printed = await runWell(process.execPath, ['both.mjs'], { cwd: project });
      expect(JSON.parse(printed)).toEqual([true, []]);
    },
  );

  it.each(['esm', 'cjs'])(
    'given every file of an entry in dist/%s, when functions and classes are looked at, then each is named as it is exported',
    async (format) => {
      const program = `
      const found = {};
      for (const entry of ${JSON.stringify(['index', ...SUBPATHS.map((entry) => entry.slice(1))])}) {
        const names = Object.entries(await import('./node_modules/nestjs-hcp-vault/dist/${format}/' + entry + '.js'));
        for (const [name, made] of names) if (typeof made === 'function') found[name] = made.name;
      }
      console.log(JSON.stringify(found));
    `;
      const project = await linkedConsumer(needed, { 'names.mjs': program });
      const found = JSON.parse(await runWell(process.execPath, ['names.mjs'], { cwd: project })) as object;
      const names = ['HcpVaultModule', 'HcpVaultTestClient', 'VaultClient', 'awsSecretsManager'];
      expect(Object.keys(found)).toEqual(expect.arrayContaining(names));
      expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, name])));
    },
  );
});
