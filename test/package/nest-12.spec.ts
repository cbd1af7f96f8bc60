import { existsSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compiledApp, observed } from './support/apps.js';
import { runFirstProgram } from './support/fresh-app.js';
import { filesIn } from './support/packed.js';
import { run, runWell } from './support/run.js';
import type { Fixture, Resolution } from './support/type-check.js';
import { complaints } from './support/type-check.js';

let project: string;
beforeAll(async () => {
  project = await compiledApp('nest-12-esm');
});

const runApp = async (node: string): Promise<unknown> =>
  JSON.parse(await runWell(node, [join(project, 'dist/main.js')], { cwd: project })) as unknown;

describe('the packed tarball in a Nest 12 app of ES modules', () => {
  it('given an installed app, when a secret rotates, then every place shows it, and the process ends by itself', async () => {
    expect(await runApp(process.execPath)).toEqual(observed);
  });

  it.each(['node-20', 'node-22', 'node-24'])(
    'given %s (of 20 the oldest that we take), when the app runs, then it is the same there',
    async (name) => {
      const node = join(project, 'node_modules', name, 'bin/node');
      if (!existsSync(node)) return console.warn(`${name} is published for Linux on x64 alone: not tried here`);
      expect(await runWell(node, ['--version'])).toMatch(`v${name.slice(5)}.`);
      expect(await runApp(node)).toEqual(observed);
    },
  );

  it.each(['node-20', 'node-22', 'node-24'])(
    'given %s, when each entry is imported and required, then both give the same names',
    async (name) => {
      const node = join(project, 'node_modules', name, 'bin/node');
      if (!existsSync(node)) return console.warn(`${name} is published for Linux on x64 alone: not tried here`);
      const program = `
        import { createRequire } from 'node:module';
        const require = createRequire(import.meta.url);
        const { name, exports } = require('nestjs-hcp-vault/package.json');
        const names = (entry) => Object.keys(entry).filter((key) => key !== 'module.exports' && key !== 'default').sort();
        const entries = Object.keys(exports).filter((entry) => entry !== './package.json');
        for (const entry of entries) {
          const imported = names(await import(name + entry.slice(1)));
          const required = names(require(name + entry.slice(1)));
          if (imported.length === 0 || String(imported) !== String(required)) throw new Error(entry);
        }
        console.log(entries.length);
      `;
      await writeFile(join(project, `${name}.mjs`), program);
      const entries = Number(await runWell(node, [`${name}.mjs`], { cwd: project }));
      expect(entries).toBeGreaterThanOrEqual(4);
    },
  );

  it.each(['module', 'commonjs'] as const)(
    'given the first program of the README in a fresh app of Nest 12 of type %s, when it is compiled and run, then it does what it says',
    async (type) => {
      for (const compiler of ['typescript-6', 'typescript-7']) {
        const printed = await runFirstProgram(project, { nest: 12, type, compiler });
        expect(printed).toContain('The key has 7 characters.');
        expect(printed).toContain('Connection "default": 1 secret from memory;');
      }
    },
  );

  it('given no @nestjs/schedule, no selfsigned and no SDK, when the app was installed, then none of them came along', () => {
    for (const name of ['@nestjs/schedule', 'selfsigned', '@aws-sdk']) {
      expect(existsSync(join(project, 'node_modules', name))).toBe(false);
    }
  });

  it('given the package with its own dependencies, when it is installed, then it takes less than 11 MB', async () => {
    let bytes = 0;
    for (const name of ['nestjs-hcp-vault', 'commander', 'undici', 'ms', '@standard-schema/spec']) {
      const folder = join(project, 'node_modules', name);
      for (const file of await filesIn(folder)) bytes += (await stat(join(folder, file))).size;
    }
    process.stdout.write(`installed footprint: ${(bytes / 1e6).toFixed(2)} MB with its own dependencies\n`);
    expect(bytes).toBeLessThan(11e6); // more than three of them are source maps, with the sources
  });

  it('given the emulator command, when it is started, then it prints its line, and ends well on SIGTERM', async () => {
    await writeFile(join(project, 'seed.json'), JSON.stringify({ apps: { web: { KEY: 'value' } } }));
    const command = join(project, 'node_modules/.bin/nestjs-hcp-vault'); // what npx runs, without a shell that swallows signals
    const { code, stdout, stderr } = await run(command, ['emulator', '--seed', 'seed.json'], {
      cwd: project,
      onOutput: (text, kill) => text.includes('\n') && kill('SIGTERM'),
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toMatchObject({
      apiUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      environment: { HCP_APP_ID: 'web' },
    });
  });

  // Nest 12 is made of ES modules alone, which CommonJS may not import under `node16`: that one is tried with Nest 11.
  it.each<[string, Resolution, Fixture]>([
    ['typescript-5', 'nodenext', 'augmented'],
    ['typescript-5', 'bundler', 'plain'],
    ['typescript-6', 'nodenext', 'plain'],
    ['typescript-6', 'bundler', 'augmented'],
    ['typescript-7', 'nodenext', 'augmented'],
    ['typescript-7', 'nodenext', 'plain'],
    ['typescript-7', 'bundler', 'augmented'],
  ])('given %s and %s, when %s names are used, then the types say what is right and wrong', async (...how) => {
    expect(await complaints(project, ...how)).toEqual([]);
  });
});
