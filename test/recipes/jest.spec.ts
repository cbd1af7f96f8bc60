import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Consumer, testsOf } from './consumer.js';

const jest = createRequire(import.meta.url).resolve('jest/bin/jest');

let consumer: Consumer;
beforeAll(() => {
  consumer = new Consumer();
  consumer.linkPackage();
  writeFileSync(join(consumer.folder, 'package.json'), JSON.stringify({ type: 'module', jest: { transform: {} } }));
}, 60_000);
afterAll(() => consumer?.remove());

describe('the jest examples of docs/testing.md', () => {
  it.each([
    ['the app under test', "from '@jest/globals'", /Tests: {7}1 passed, 1 total/],
    ['a source of one’s own', "describeSecretSource('map'", /Tests: .*\d\d passed/],
  ])(
    'given %s, when jest runs it with the built package, then it passes',
    async (_title, mark, passed) => {
      const [code, ...others] = testsOf('docs/testing.md', mark);
      expect(others).toEqual([]);
      const path = consumer.write('example.spec.ts', code!);
      const { code: exit, stderr } = await consumer.run(
        process.execPath,
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        jest,
        '--ci',
        path,
      );
      expect([exit, exit === 0 || stderr]).toEqual([0, true]);
      expect(stderr).toMatch(passed);
    },
    60_000,
  );
});
