import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { diskCache } from 'nestjs-hcp-vault';
import type { SharedNews, SharedTier } from '../../../lib/core/shared/shared-cache.js';
import type { Slot } from '../../../lib/core/shared/slot.js';
import { temporaryFolder, removeFolders } from '../../contract/support/temporary-folder.js';
import { FakeClock } from '../../support/fake-clock.js';
import { HOUR } from '../../support/scripted-connection.js';
import { KEY, slotOf, valueEntry } from '../support/describe-shared-cache.js';

describe('a folder of diskCache in which somebody meddles', () => {
  let dir: string;
  let clock: FakeClock;
  let news: SharedNews[];
  let tier: SharedTier;
  const servers: Server[] = [];
  const put = (name: string, value: string, at = clock.wall()): Promise<void> =>
    tier.put(new Map([[slotOf({ name }), valueEntry(value, { at })]]));
  const read = async (...names: string[]): Promise<unknown[]> => {
    const slots: Slot[] = names.map((name) => slotOf({ name }));
    const found = await tier.get(slots);
    return slots.map((slot) => {
      const entry = found.get(slot);
      return entry?.kind === 'value' ? entry.given.value : entry?.kind;
    });
  };
  const files = (): string[] => readdirSync(dir).filter((name) => name.endsWith('.sealed'));

  beforeEach(async () => {
    // Short: the path of a socket has a hundred characters.
    dir = join(temporaryFolder(), randomBytes(2).toString('hex'));
    clock = new FakeClock();
    news = [];
    tier = await diskCache({ dir, key: KEY }).open({
      connection: 'default',
      clock,
      tell: (told) => void news.push(told),
    });
  });
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
    removeFolders();
  });

  it('a socket in place of one file takes nothing from the others, and gives way to what is written next', async () => {
    await put('A', 'canary-1');
    const [path] = files();
    await put('B', 'canary-2');
    rmSync(join(dir, path!));
    const server = createServer().listen(join(dir, 's'));
    servers.push(server);
    await once(server, 'listening');
    renameSync(join(dir, 's'), join(dir, path!));
    expect(await read('A', 'B')).toEqual([undefined, 'canary-2']);
    expect(news.map(({ type }) => type)).toEqual(['refused']);
    await put('A', 'canary-3');
    expect(await read('A', 'B')).toEqual(['canary-3', 'canary-2']);
  });

  it('what was written while the clock was ten years ahead keeps nothing off that is read afterwards', async () => {
    await put('A', 'canary-ahead', clock.wall() + 10 * 365 * 24 * HOUR);
    await put('A', 'canary-now');
    expect(await read('A')).toEqual(['canary-now']);
    await put('A', 'canary-older', clock.wall() - 1_000); // the clock is right again: what is older stays older
    expect(await read('A')).toEqual(['canary-now']);
  });

  it('there are never many more files than are allowed, however fast they come', async () => {
    await put('A', 'canary-1'); // has it looked through
    for (let file = 0; file < 10_500; file += 1) writeFileSync(join(dir, `${file}.sealed`), '', { mode: 0o600 });
    const names = Array.from({ length: 1_000 }, (_, at) => `N${at}`);
    await tier.put(new Map(names.map((name) => [slotOf({ name }), valueEntry('canary-2', { at: clock.wall() })])));
    expect(files()).toHaveLength(10_000);
    expect(await read('N0', 'N999')).toEqual(['canary-2', 'canary-2']);
  }, 60_000);
});
