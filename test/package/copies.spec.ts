import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { filesIn, linkedConsumer, needed, unpacked } from './support/packed.js';
import { run, runWell } from './support/run.js';
import { programOfTwoCopies, seenByTwoCopies } from './support/two-copies.js';

/** A project with the package, and a package with a copy of its own of it, in that version. */
async function projectWithNested(program: string, version?: string): Promise<string> {
  const project = await linkedConsumer([...needed, '@nestjs/config'], { 'main.mjs': program });
  const library = join(project, 'node_modules/library');
  const nested = join(library, 'node_modules/nestjs-hcp-vault');
  await mkdir(library, { recursive: true });
  await cp(unpacked, nested, { recursive: true });
  await writeFile(
    join(library, 'package.json'),
    '{"name":"library","version":"1.0.0","type":"module","main":"index.js"}',
  );
  await writeFile(join(library, 'index.js'), `export * from 'nestjs-hcp-vault';`);
  if (version !== undefined) {
    const known = JSON.stringify(
      (JSON.parse(await readFile(join(nested, 'package.json'), 'utf8')) as { version: string }).version,
    );
    let replaced = 0;
    for (const file of (await filesIn(join(nested, 'dist/esm'))).filter((name) => name.endsWith('.js'))) {
      const path = join(nested, 'dist/esm', file);
      const text = await readFile(path, 'utf8');
      if (!text.includes(known)) continue;
      await writeFile(path, text.replaceAll(known, JSON.stringify(version)));
      replaced += 1;
    }
    expect(replaced).toBeGreaterThan(0);
  }
  return project;
}

const program = programOfTwoCopies(`import * as one from 'nestjs-hcp-vault';\nimport * as two from 'library';`);
const swapped = programOfTwoCopies(`import * as one from 'library';\nimport * as two from 'nestjs-hcp-vault';`);

describe('two copies of the package in one process', () => {
  it.each([
    ['the module of the outer one', program],
    ['the module of the nested one', swapped],
  ])('given a nested copy and %s, when the app runs, then each place shows each value', async (_, text) => {
    const project = await projectWithNested(text);
    expect(JSON.parse(await runWell(process.execPath, ['main.mjs'], { cwd: project }))).toEqual(seenByTwoCopies);
  });

  it('given a nested copy of another version, when the app starts, then one error names both, and where they are', async () => {
    const project = await projectWithNested(program, '0.0.9');
    const { code, stderr } = await run(process.execPath, ['main.mjs'], { cwd: project });
    expect(code).toBe(1);
    const [told = ''] = /several versions of nestjs-hcp-vault are loaded in this process: \d.*/.exec(stderr) ?? [];
    expect(told).toMatch(/0\.1\.0 \(file:.*\/node_modules\/nestjs-hcp-vault\/dist\/esm\/chunks\/nest\.js\)/);
    expect(told).toMatch(/0\.0\.9 \(file:.*\/library\/node_modules\/nestjs-hcp-vault\/dist\/esm\/chunks\/nest\.js\)/);
    expect(told).toContain('npm ls nestjs-hcp-vault');
  });

  it("given a nested copy of another version whose entry for Vault's client alone is used, when the app starts, then it runs", async () => {
    const text = `
      import { HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
      import { VaultClient } from 'library/node_modules/nestjs-hcp-vault/dist/esm/vault.js';
      HcpVaultModule.forRoot({ source: memorySource({}) });
      console.log(typeof VaultClient);
    `;
    const project = await projectWithNested(text, '0.0.9');
    expect(await runWell(process.execPath, ['main.mjs'], { cwd: project })).toBe('function\n');
  });
});
