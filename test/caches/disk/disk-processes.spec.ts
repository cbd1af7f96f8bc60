import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskCache, SecretVersion } from 'nestjs-hcp-vault';
import type { SharedNews } from '../../../lib/core/shared/shared-cache.js';
import { systemClock } from '../../../lib/core/clock.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { CompiledPackage } from '../../sample-app/compiled-package.js';
import { Slot } from '../../../lib/core/shared/slot.js';

const compiled = new CompiledPackage();
for (const folder of ['lib/core', 'lib/caches']) compiled.compile(folder, folder);
const main = 'test/caches/fixtures/disk-worker.main.ts';
const program = compiled.write(main, readFileSync(main, 'utf8'));
const NAMES = Array.from({ length: 24 }, (_, index) => `NAME${index}`);
/** Milliseconds. */
const TIME = 10_000;

const running = new Set<ChildProcess>();
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  compiled.remove();
  removeFolders();
});

describe('one folder of eight processes, some of which are killed at any point', () => {
  it('given that they write and read, when some are killed by SIGKILL, then nobody reads a torn or a wrong value', async () => {
    const dir = join(temporaryFolder(), 'cache');
    const wrong: string[] = [];
    let rounds = 0;
    let killed = 0;
    let isOver = false;
    const begin = (worker: number): Promise<void> => {
      const child = spawn(process.execPath, [program, dir, String(worker), NAMES.join()], {
        stdio: ['ignore', 'pipe', 'pipe'],
      });
      running.add(child);
      const hear = (text: string): void => {
        rounds += text.match(/ROUND/g)?.length ?? 0;
        if (/WRONG|Error/.test(text)) wrong.push(text);
      };
      child.stdout.setEncoding('utf8').on('data', hear);
      child.stderr.setEncoding('utf8').on('data', hear);
      return new Promise((resolve) => {
        child.on('close', (code) => {
          running.delete(child);
          if (code !== null) wrong.push(`worker ${worker} ended with ${code}`);
          resolve(isOver ? undefined : begin(worker));
        });
      });
    };
    const workers = Array.from({ length: 8 }, (_, worker) => begin(worker));
    const until = Date.now() + TIME;
    while (Date.now() < until) {
      await pause(300 + Math.random() * 500);
      const [...living] = running;
      if (living.length > 2 && living[Math.floor(Math.random() * living.length)]!.kill('SIGKILL')) killed += 1;
    }
    isOver = true;
    for (const child of running) child.kill('SIGKILL');
    await Promise.all(workers);
    expect(wrong).toEqual([]);
    expect(killed).toBeGreaterThan(5);
    expect(rounds).toBeGreaterThan(20);

    // What is left is whole, and what killed writers left goes.
    const news: SharedNews[] = [];
    const scope = { connection: 'c', clock: systemClock, tell: (told: SharedNews) => void news.push(told) };
    writeFileSync(join(dir, 'left.tmp'), 'canary'); // one at least
    const tier = await diskCache({ dir, key: Buffer.alloc(32, 3) }).open(scope);
    const slots = NAMES.map(
      (name) => new Slot({ connection: 'c', source: 's', kind: 'secret', place: name, name, requested: undefined }),
    );
    expect((await tier.get(slots)).size).toBe(NAMES.length);
    for (const name of readdirSync(dir)) if (name.endsWith('.tmp')) utimesSync(join(dir, name), 0, 0);
    await tier.put(new Map([[slots[0]!, { kind: 'value', at: Date.now(), given: SecretVersion.of('x') }]]));
    expect(readdirSync(dir).filter((name) => !name.endsWith('.sealed'))).toEqual([]);
    expect(readdirSync(dir)).toHaveLength(NAMES.length);
    expect(news).toEqual([]);
  }, 60_000);
});

const pause = (delay: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delay));
