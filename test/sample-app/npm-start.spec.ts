import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RunningSampleApp } from './compiled-sample-app.js';

let clone: string;
let app: RunningSampleApp | undefined;

/** A clone with what `npm ci` installs, but without the compiler: two passes of it would take most of a minute. */
beforeAll(() => {
  clone = mkdtempSync(join(tmpdir(), 'npm-start-'));
  for (const path of ['lib', 'sample-app', 'scripts', 'package.json', 'tsconfig.json']) {
    cpSync(path, join(clone, path), { recursive: true });
  }
  mkdirSync(join(clone, 'node_modules'));
  for (const name of readdirSync('node_modules').filter((name) => name !== 'typescript' && !name.startsWith('.'))) {
    symlinkSync(resolve('node_modules', name), join(clone, 'node_modules', name));
  }
});
afterAll(async () => {
  await app?.stop('SIGKILL');
  rmSync(clone, { recursive: true, force: true });
});

describe('npm start', () => {
  it('given a clone that has no build and no compiler, when it runs, then it serves its page', async () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    expect(Object.keys(scripts).filter((name) => /^(pre|post)start$/.test(name))).toEqual([]);
    const [command, ...args] = scripts.start!.split(' ') as [string, ...string[]];
    expect(command).toBe('node');
    const own = Object.entries(process.env).filter(([name]) => !/^(HCP_|NODE_OPTIONS|HOST$)/.test(name));
    const env = { ...Object.fromEntries(own), PORT: '0' };
    app = new RunningSampleApp(spawn(process.execPath, args, { cwd: clone, env, stdio: ['ignore', 'pipe', 'pipe'] }));
    const page = await fetch(await app.url());
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('<!doctype html>')]);
  }, 60_000);
});
