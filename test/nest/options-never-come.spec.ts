import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CompiledPackage } from '../sample-app/compiled-package.js';

const compiled = new CompiledPackage();
const file = 'test/nest/fixtures/waiting.main.ts';
const program = compiled.write(file, readFileSync(file, 'utf8'));
afterAll(() => compiled.remove());

describe('options that never come', () => {
  it('given options that create a class with a secret of the same connection, when the process has nothing left to do, then it says so, and ends with an error', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8' });
    expect(status).not.toBe(0);
    expect(stdout + stderr).toContain(
      'Connection "default": its options never came, and nothing is left that could bring them.',
    );
    expect(stdout + stderr).not.toContain('canary');
  });
});
