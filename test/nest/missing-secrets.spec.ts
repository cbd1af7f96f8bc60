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

function start(how: 'text' | 'json'): { status: number | null; printed: string } {
  const env = { PATH: process.env['PATH'], NO_COLOR: '1' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, folder, how], { encoding: 'utf8', env });
  return { status, printed: stdout + stderr };
}

const names = Array.from({ length: 20 }, (_, index) => `KEY_${String(index + 1).padStart(2, '0')}`);

/** How often a text stands in another one. */
const count = (text: string, part: string): number => text.split(part).length - 1;

describe('a start that lacks twenty secrets', () => {
  it("given Nest's own logger and default, when it fails, then at most 70 lines tell all of each secret, once", () => {
    const { status, printed } = start('text');
    expect(status).toBe(1);
    expect(printed.trim().split('\n').length).toBeLessThanOrEqual(70);
    expect(printed.length).toBeLessThan(8_000);
    expect(count(printed, 'Check the name, and where')).toBe(1);
    for (const name of names) {
      expect([name, count(printed, `"${name}", asked for as SHOP_${name}, then ${name}`)]).toEqual([name, 1]);
      expect(count(printed, `SHOP_${name}`)).toBe(1);
    }
    expect(printed).toContain(` env, then file (${join(folder, 'secrets.json')}): not found at the source.`);
    expect(printed).toContain('for Payments (constructor), the option `required`');
    expect(printed).toContain('for Payments.property, Tokens.ref, the option `required`; near it there is shop/KEY_02');
    expect(printed).not.toMatch(/tried again|stay in use|canary/);
  }, 60_000);

  it("given Nest's own logger for JSON, when it fails, then that is one line, with no stack of each secret", () => {
    const { status, printed } = start('json');
    expect(status).toBe(1);
    const errors = printed.split('\n').filter((line) => line.includes('"level":"error"'));
    expect(errors).toHaveLength(1);
    expect(errors[0]!.length).toBeLessThan(25_000);
    expect(JSON.parse(errors[0]!)).toMatchObject({ error: { code: 'SECRET_BOOTSTRAP' } });
    expect(count(printed, 'at SecretNotFoundError')).toBe(0);
  }, 60_000);
});
