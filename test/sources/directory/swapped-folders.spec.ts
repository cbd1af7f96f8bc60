import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSecretError } from '../../../lib/core/errors/index.js';
import { directorySource } from '../../../lib/sources/directory/index.js';
import { isBelow, liesIn } from '../../../lib/sources/watch/index.js';

const CANARY = 'canary-outside-the-mount-4f7a';
const INSIDE = 'inside';

/** Swaps `d` in the working directory: now a folder, now a link to another, as fast as it can, until it is ended. */
const SWAPPER = `
  const { renameSync } = require('node:fs');
  process.stdout.write('ready');
  for (;;) {
    renameSync('d', 'folder'); renameSync('link', 'd');
    renameSync('d', 'link'); renameSync('folder', 'd');
  }
`;

let base: string;
let mount: string;
let swapper: ChildProcess;

beforeEach(async () => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'swapped-')));
  mount = join(base, 'mount');
  mkdirSync(join(mount, 'd'), { recursive: true });
  mkdirSync(join(base, 'outside'));
  writeFileSync(join(mount, 'd', 'KEY'), INSIDE);
  writeFileSync(join(base, 'outside', 'KEY'), CANARY);
  symlinkSync(join('d', 'KEY'), join(mount, 'KEY'));
  symlinkSync(join(base, 'outside'), join(mount, 'link'));
  swapper = spawn(process.execPath, ['-e', SWAPPER], { cwd: mount, stdio: ['ignore', 'pipe', 'inherit'] });
  await once(swapper.stdout!, 'data');
});

afterEach(async () => {
  swapper.kill('SIGKILL');
  await once(swapper, 'exit');
  rmSync(base, { recursive: true });
});

/** Reads until the time is over; what came, by how often. */
async function during(milliseconds: number, read: () => Promise<string>): Promise<Map<string, number>> {
  const seen = new Map<string, number>();
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    const found = await Promise.all(Array.from({ length: 4 }, read));
    for (const what of found) seen.set(what, (seen.get(what) ?? 0) + 1);
  }
  return seen;
}

const count = (seen: Map<string, number>): number => [...seen.values()].reduce((sum, times) => sum + times, 0);

describe('a folder on the way that is swapped for a link, again and again', () => {
  test('given files that are resolved and then opened, when read, then the swapper leads some outside: it is one that tells', async () => {
    const seen = await during(2_000, async () => {
      const path = await realpath(join(mount, 'KEY')).catch(() => '');
      if (!isBelow(mount, path)) return 'refused';
      const file = await open(path).catch(() => undefined);
      try {
        return (await file?.readFile('utf8')) ?? 'gone';
      } finally {
        await file?.close();
      }
    });
    expect(seen.get(CANARY)).toBeGreaterThan(0);
  }, 20_000);

  test('given thousands of readings, when a source reads, then none comes from outside of the folder, and many from inside', async () => {
    const source = directorySource(mount);
    const seen = await during(6_000, async () => {
      const answer = await source.read(['KEY'], { signal: new AbortController().signal });
      const found = answer.get('KEY');
      return found === undefined ? 'gone' : isSecretError(found) ? found.code : String(found.value);
    });
    expect(seen.has(CANARY)).toBe(false);
    expect(seen.get(INSIDE)).toBeGreaterThan(100);
    expect(count(seen)).toBeGreaterThan(2_000);
    for (const what of seen.keys()) expect([INSIDE, 'gone', 'SECRET_ACCESS_DENIED', 'SECRET_SOURCE_UNAVAILABLE']).toContain(what);
  }, 30_000); // prettier-ignore

  test('given a system that can’t tell where an open file lies, when read, then none comes from outside', async () => {
    const seen = await during(6_000, async () => {
      const path = await realpath(join(mount, 'KEY')).catch(() => '');
      if (!isBelow(mount, path)) return 'refused';
      const file = await open(path).catch(() => undefined);
      if (!file) return 'gone';
      try {
        return (await liesIn(mount, file, path, { askSystem: false })) ? await file.readFile('utf8') : 'refused';
      } finally {
        await file.close();
      }
    });
    expect(seen.has(CANARY)).toBe(false);
    expect(seen.get(INSIDE)).toBeGreaterThan(100);
    expect(count(seen)).toBeGreaterThan(2_000);
  }, 30_000);
});
