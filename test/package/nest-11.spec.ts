import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compiledApp, observed } from './support/apps.js';
import { runFirstProgram } from './support/fresh-app.js';
import { run, runWell } from './support/run.js';
import { programOfTwoCopies, seenByTwoCopies } from './support/two-copies.js';
import type { Fixture, Resolution } from './support/type-check.js';
import { complaints } from './support/type-check.js';
import { outputOf, PROBED } from './support/works-with.js';

let project: string;
beforeAll(async () => {
  project = await compiledApp('nest-11-cjs', [
    'app.ts',
    'main.ts',
    'works-with/health.ts',
    'works-with/health-express.main.ts',
  ]);
});

describe('the packed tarball in a Nest 11 app of CommonJS', () => {
  it('given an installed app, when a secret rotates, then every place shows it, and the process ends by itself', async () => {
    const printed = await runWell(process.execPath, [join(project, 'dist/main.js')], { cwd: project });
    expect(JSON.parse(printed)).toEqual(observed);
  });

  it('given the first program of the README in a fresh app of Nest 11, which is CommonJS, when it is compiled and run, then it does what it says', async () => {
    const printed = await runFirstProgram(project, { nest: 11, compiler: 'typescript-5' });
    expect(printed).toContain('The key has 7 characters.');
    expect(printed).toContain('Connection "default": 1 secret from memory;');
  });

  it('given a Node that takes no ES module by require, when the app runs, then the CommonJS copy serves it alike', async () => {
    const flags = ['--no-experimental-require-module', join(project, 'dist/main.js')];
    expect(JSON.parse(await runWell(process.execPath, flags, { cwd: project }))).toEqual(observed);
  });

  it('given such a Node, when the package is imported and required, then the two copies export the same names', async () => {
    const program = `
      import { createRequire } from 'node:module';
      import * as imported from 'nestjs-hcp-vault';
      const required = createRequire(import.meta.url)('nestjs-hcp-vault');
      const names = (entry) => Object.keys(entry).filter((name) => name !== 'module.exports').sort();
      console.log(JSON.stringify([names(imported), names(required), imported.HcpVaultModule === required.HcpVaultModule]));
    `;
    await writeFile(join(project, 'copies.mjs'), program);
    const flags = ['--no-experimental-require-module', 'copies.mjs'];
    const [imported, required, same] = JSON.parse(await runWell(process.execPath, flags, { cwd: project }));
    expect([required, same]).toEqual([imported, false]);
  });

  it.each([
    ['ES modules', 'imported', 'required'],
    ['CommonJS', 'required', 'imported'],
  ])(
    'given such a Node, and an app with the module of %s and consumers of the other copy, when it runs, then each place shows each value',
    async (_, one, two) => {
      const copies = `
      import { createRequire } from 'node:module';
      import * as imported from 'nestjs-hcp-vault';
      const required = createRequire(import.meta.url)('nestjs-hcp-vault');
      const [one, two] = [${one}, ${two}];
    `;
      await writeFile(join(project, `two-${one}.mjs`), programOfTwoCopies(copies));
      const flags = ['--no-experimental-require-module', `two-${one}.mjs`];
      expect(JSON.parse(await runWell(process.execPath, flags, { cwd: project }))).toEqual(seenByTwoCopies);
    },
  );

  it('given Terminus 12, which is of ES modules alone, when the source is away, a required secret ends, and the app ends by a signal, then the probes are told', async () => {
    expect(await outputOf(project, 'health-express')).toEqual(PROBED);
  });

  it('given plain CommonJS jest, when its tests run, then they pass', async () => {
    const { code, stdout, stderr } = await run('npm', ['test', '--silent', '--', '--ci'], { cwd: project });
    expect([code, code === 0 || stdout + stderr]).toEqual([0, true]);
    expect(stderr).toContain('5 passed, 5 total');
    expect(stdout + stderr).not.toContain('canary-');
  });

  it.each<[string, Resolution, Fixture]>([
    ['typescript-5.4', 'node10', 'augmented'],
    ['typescript-5.4', 'node16', 'plain'],
    ['typescript-5', 'node10', 'augmented'],
    ['typescript-5', 'node10', 'plain'],
    ['typescript-5', 'node16', 'augmented'],
    ['typescript-7', 'nodenext', 'augmented'],
    ['typescript-7', 'nodenext', 'plain'],
  ])('given %s and %s, when %s names are used, then the types say what is right and wrong', async (...how) => {
    expect(await complaints(project, ...how)).toEqual([]);
  });
});
