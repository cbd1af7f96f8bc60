import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errorsOf } from '../docs/compiler.js';
import { childEnvironment } from '../package/support/child-environment.mjs';
import { Consumer, testsOf } from './consumer.js';

const consumer = new Consumer(join(process.cwd(), 'test/recipes/vitest'));
const install = spawnSync(
  'npm',
  ['install', '--prefer-offline', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'],
  { cwd: consumer.folder, env: childEnvironment(), encoding: 'utf8', timeout: 120_000 },
);
const title = 'the vitest example of docs/testing.md';
const reason = install.status === 0 ? undefined : `vitest can't be installed here: ${install.stderr.trim()}`;
const left = reason !== undefined && process.env['CI'] !== 'true';
// jest names no skipped test unless asked to.
if (left) process.stderr.write(`left out: ${title}: ${reason}\n`);

afterAll(() => consumer.remove());

(left ? describe.skip : describe)(title, () => {
  it('given it, when vitest runs it with the built package, then it passes', async () => {
    expect(reason).toBeUndefined();
    consumer.linkPackage();
    const [code, ...others] = testsOf('docs/testing.md', "from 'vitest'");
    expect(others).toEqual([]);
    // As TypeScript: vitest compiles it by itself.
    writeFileSync(join(consumer.folder, 'example.spec.ts'), code!);
    const {
      code: exit,
      stdout,
      stderr,
    } = await consumer.run(process.execPath, join(consumer.folder, 'node_modules/vitest/vitest.mjs'), 'run');
    expect([exit, exit === 0 || stdout + stderr]).toEqual([0, true]);
    expect(stdout).toMatch(/Tests +\d\d passed/);
  }, 60_000);

  it('given it, when the compiler checks it with the types of vitest, then there is no error', () => {
    const [code] = testsOf('docs/testing.md', "from 'vitest'");
    const types = join(consumer.folder, 'node_modules/vitest/dist/index.d.ts');
    expect(errorsOf([{ place: 'docs/testing.md:1', code: code! }], { vitest: [types] })).toEqual([]);
  });
});
