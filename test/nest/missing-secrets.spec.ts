import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CompiledPackage } from '../sample-app/compiled-package.js';

const compiled = new CompiledPackage();
const file = 'test/nest/fixtures/missing.main.ts';
const program = compiled.write(file, readFileSync(file, 'utf8'));
const folder = mkdtempSync(join(tmpdir(), 'missing-secrets-'));
afterAll(() => {
  compiled.remove();
  rmSync(folder, { recursive: true, force: true });
});

function start(how: 'text' | 'json') {
  const env = { PATH: process.env['PATH'], NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, folder, how], { encoding: 'utf8', env });
  return { status, stderr, printed: stdout + stderr };
}

/** How often a text stands in another one. */
const count = (text: string, part: string): number => text.split(part).length - 1;

describe('a start that lacks twenty secrets', () => {
  it("given Nest's own logger and default, when it fails, then at most 70 lines tell all of each secret, once", () => {
    const { status, printed } = start('text');
    process.stdout.write(printed);
    expect(status).toBe(1);
  }, 60_000);
  it("json", () => {
    const { status, printed } = start('json');
    process.stdout.write(printed.slice(0,6000));
    process.stdout.write(printed.length+'');
    expect(status).toBe(1);
    expect(count(printed, 'x')).toBeGreaterThan(0);
  }, 60_000);
});
