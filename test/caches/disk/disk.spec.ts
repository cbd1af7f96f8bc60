import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { diskCache, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import type { DiskCacheOptions } from 'nestjs-hcp-vault';
import { systemClock } from '../../../lib/core/clock.js';
import type { SharedNews } from '../../../lib/core/shared/shared-cache.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { FakeClock, settled } from '../../support/fake-clock.js';
import { HOUR, MINUTE } from '../../support/scripted-connection.js';
import { fails, ScriptedSource } from '../../support/scripted-source.js';
import { KEY, slotOf, valueEntry } from '../support/describe-shared-cache.js';
import type { Replica } from '../support/replica.js';
import { replica } from '../support/replica.js';

const modeOf = (path: string): string => (lstatSync(path).mode & 0o777).toString(8);

describe('the folder of diskCache', () => {
  let dir: string;
  let news: SharedNews[];
  const open = (options: Partial<DiskCacheOptions> = {}) =>
    diskCache({ dir, key: KEY, ...options }).open({
      connection: 'default',
      clock: systemClock,
      tell: (told) => void news.push(told),
    });
  const read = async (): Promise<unknown> => {
    const slot = slotOf();
    const entry = (await (await open()).get([slot])).get(slot);
    return entry?.kind === 'value' ? entry.given.value : entry?.kind;
  };
  const put = async (value: string, at = 1_000): Promise<void> =>
    (await open()).put(new Map([[slotOf(), valueEntry(value, { at })]]));
  const file = (): string =>
    join(
      dir,
      readdirSync(dir).find((name) => name.endsWith('.sealed'))!,
    );

  beforeEach(() => {
    dir = join(temporaryFolder(), 'a', 'cache');
    news = [];
  });
  afterEach(removeFolders);

  it('is made for this user alone, and so is each file, whatever the umask', async () => {
    const before = process.umask(0);
    try {
      await put('canary-1');
      await (await open({ key: 'a passphrase' })).put(new Map([[slotOf(), valueEntry('canary-2')]]));
    } finally {
      process.umask(before);
    }
    expect(modeOf(dir)).toBe('700');
    expect(readdirSync(dir).map((name) => modeOf(join(dir, name)))).toEqual(['600', '600', '600']);
  });

  it.each([
    ['open to its group', () => chmodSync(dir, 0o750)],
    ['open to others', () => chmodSync(dir, 0o701)],
    ['another user’s', () => chownSync(dir, 12_345, 12_345)],
    [
      'a link',
      () => {
        renameSync(dir, `${dir}2`);
        symlinkSync(`${dir}2`, dir);
      },
    ],
    [
      'a file',
      () => {
        rmSync(dir, { recursive: true });
        writeFileSync(dir, '');
      },
    ],
  ])('is refused where it is %s, also when it becomes so later', async (_, spoil) => {
    await put('canary-1');
    const tier = await open();
    spoil();
    await expect(open()).rejects.toThrow();
    await expect(tier.get([slotOf()])).rejects.toThrow();
    await expect(tier.put(new Map([[slotOf(), valueEntry('canary-2')]]))).rejects.toThrow();
  });

  it('is made again where somebody has removed it', async () => {
    await put('canary-1');
    const tier = await open();
    rmSync(dir, { recursive: true });
    await tier.put(new Map([[slotOf(), valueEntry('canary-2')]]));
    expect(await read()).toBe('canary-2');
  });

  it.each<[string, (path: string) => void]>([
    [
      'a link',
      (path) => {
        renameSync(path, join(dir, '..', 'elsewhere'));
        symlinkSync(join(dir, '..', 'elsewhere'), path);
      },
    ],
    ['a second name of a file elsewhere', (path) => linkSync(path, join(dir, '..', 'second'))],
    ['open to others', (path) => chmodSync(path, 0o644)],
    ['another user’s', (path) => chownSync(path, 12_345, 12_345)],
    [
      'a pipe',
      (path) => {
        rmSync(path);
        execFileSync('mkfifo', ['-m', '600', path]);
      },
    ],
    ['cut', (path) => writeFileSync(path, readFileSync(path).subarray(0, 40))],
    ['empty', (path) => writeFileSync(path, '')],
  ])('gives nothing of a file that is %s, tells so, and the next writing takes its place', async (_, spoil) => {
    await put('canary-1');
    spoil(file());
    expect(await read()).toBeUndefined();
    expect(news).toEqual([expect.objectContaining({ type: 'refused' })]);
    expect(inspect(news)).not.toMatch(/canary|DB|\.sealed/);
    await put('canary-2', 2_000);
    expect(await read()).toBe('canary-2');
    expect(lstatSync(file()).isFile()).toBe(true);
    expect(statSync(file()).nlink).toBe(1);
  });

  it('a link that leads out of it is neither read nor written through', async () => {
    await put('canary-1');
    const outside = join(dir, '..', 'outside');
    writeFileSync(outside, 'untouched', { mode: 0o600 });
    const path = file();
    rmSync(path);
    symlinkSync(outside, path);
    await put('canary-2', 2_000);
    expect(readFileSync(outside, 'utf8')).toBe('untouched');
    expect(await read()).toBe('canary-2');
  });

  it('what can not be written takes nothing from the rest', async () => {
    await put('canary-1');
    const path = file();
    rmSync(path);
    mkdirSync(path);
    mkdirSync(join(path, 'in the way'));
    const tier = await open();
    const other = slotOf({ name: 'OTHER' });
    const entries = new Map([
      [slotOf(), valueEntry('canary-2')],
      [other, valueEntry('canary-3')],
    ]);
    await expect(tier.put(entries)).rejects.toThrow();
    expect((await tier.get([other])).size).toBe(1);
    expect(readdirSync(dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('what nobody has written for long is swept, and so is what killed writers left', async () => {
    await put('canary-1');
    const names = ['old.sealed', 'young.sealed', 'old.tmp', 'young.tmp', 'notes.txt'];
    for (const name of names) writeFileSync(join(dir, name), '');
    for (const name of ['old.sealed', 'old.tmp', 'notes.txt']) utimesSync(join(dir, name), 1, 1);
    await put('canary-2', 2_000);
    const left = readdirSync(dir).filter((name) => names.includes(name));
    expect(left.sort()).toEqual(['notes.txt', 'young.sealed', 'young.tmp']);
  });

  it('a keyring that is damaged, weak or a link is made anew; what was there is read no more', async () => {
    const keyring = join(dir, 'keyring.json');
    const passphrase = { key: 'a passphrase' };
    await (await open(passphrase)).put(new Map([[slotOf(), valueEntry('canary-1')]]));
    const good = readFileSync(keyring, 'utf8');
    for (const bad of ['', '{}', good.replace('131072', '1024'), good.replace('131072', '1073741824')]) {
      writeFileSync(keyring, bad);
      const slot = slotOf();
      expect((await (await open(passphrase)).get([slot])).size).toBe(0);
      expect(JSON.parse(readFileSync(keyring, 'utf8'))).toMatchObject({ kdf: 'scrypt', N: 131_072, r: 8, p: 1 });
    }
    writeFileSync(keyring, good);
    const slot = slotOf();
    expect((await (await open(passphrase)).get([slot])).size).toBe(1);
  });

  it.each<[string, object]>([
    ['an unknown option', { maxstale: '1h' }],
    ['no folder', { dir: '' }],
    ['a duration in digits as text', { maxStale: '10' }],
    ['no boolean', { dynamic: 'yes' }],
  ])('%s is refused at once', (_, options) => {
    expect(() => diskCache({ dir, key: KEY, ...options })).toThrow(
      expect.objectContaining({ code: 'SECRET_CONFIGURATION' }),
    );
  });
});

describe('an app with diskCache', () => {
  const away = fails(new SecretSourceUnavailableError('away.', { cause: { code: 'ECONNREFUSED' } }));
  let clock: FakeClock;
  let backend: ScriptedSource;
  let dir: string;
  const replicas: Replica[] = [];
  const make = (options: Partial<DiskCacheOptions> = {}, more: Parameters<typeof replica>[3] = {}): Replica => {
    const made = replica(diskCache({ dir, key: KEY, ...options }), backend, clock, { bootstrapTimeout: '3s', ...more });
    replicas.push(made);
    return made;
  };
  /** Files take time of their own. */
  const written = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) await settled(20);
  };
  const start = async (one: Replica): Promise<void> => {
    const starting = one.runtime.bootstrap([{ name: 'DATABASE', need: 'required' }], 'decorated');
    let isOver = false;
    const over = starting.finally(() => (isOver = true));
    over.catch(() => undefined);
    for (let waited = 0; !isOver; waited += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (waited % 20 === 19) await clock.advance(500);
    }
    await over;
    one.runtime.start();
    await written();
  };

  beforeEach(() => {
    clock = new FakeClock();
    backend = new ScriptedSource(clock);
    backend.set('DATABASE', { value: 'canary-1' });
    dir = join(temporaryFolder(), 'cache');
  });
  afterEach(async () => {
    for (const one of replicas.splice(0)) await one.close();
    removeFolders();
  });

  it('starts while its source is away, and catches up when it returns', async () => {
    await start(make());
    await replicas[0]!.close();
    await clock.advance(HOUR);
    backend.always.read = away;
    backend.set('DATABASE', { value: 'canary-2' });
    const second = make();
    await start(second);
    expect(second.client.get('DATABASE')).toBe('canary-1');
    expect(second.statusOf('DATABASE')).toMatchObject({
      from: 'disk',
      lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' },
    });
    delete backend.always.read;
    await clock.advance(2 * MINUTE);
    await written();
    expect(second.client.get('DATABASE')).toBe('canary-2');
    expect(second.statusOf('DATABASE')!.from).toBe('source');
  });

  it('`maxStale` of the disk is kept', async () => {
    await start(make());
    await replicas[0]!.close();
    await clock.advance(3 * HOUR);
    backend.always.read = away;
    await expect(start(make({ maxStale: '1h' }))).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    await start(make({ maxStale: '3h' }));
  });

  it('72 hours without the source: it starts from the disk, as often as it must, until `maxStale` is over, to the minute', async () => {
    const [shared, began] = [{ maxStale: '48h' }, clock.now()];
    await start(make(shared));
    await written();
    await replicas[0]!.close();
    backend.always.read = away;
    const at = (hours: number, minutes = 0): Promise<void> =>
      clock.advance(began + hours * HOUR + minutes * MINUTE - clock.now());
    await at(1);
    const longLived = make(shared, { retry: { base: '10m', max: '20m' } });
    await start(longLived);
    for (const hours of [12, 48]) {
      await at(hours);
      const restarted = make(shared);
      await start(restarted);
      expect(restarted.statusOf('DATABASE')).toMatchObject({ from: 'disk', stale: true });
      expect(restarted.client.get('DATABASE')).toBe('canary-1');
      expect(longLived.client.get('DATABASE')).toBe('canary-1');
      await restarted.close();
    }
    await at(48, 24); // `maxAge` of 25 minutes comes first
    expect(longLived.client.get('DATABASE')).toBe('canary-1');
    await at(48, 26);
    expect(() => longLived.client.get<string>('DATABASE')).toThrow(
      expect.objectContaining({ code: 'SECRET_SOURCE_UNAVAILABLE' }),
    );
    await expect(start(make(shared))).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    await at(72);
    expect(() => longLived.client.get<string>('DATABASE')).toThrow();
    delete backend.always.read;
    backend.set('DATABASE', { value: 'canary-2' });
    await clock.advance(20 * MINUTE);
    await written();
    expect(longLived.client.get('DATABASE')).toBe('canary-2');
    expect(longLived.statusOf('DATABASE')).toMatchObject({ from: 'source', stale: false });
  }, 30_000);

  it('a disk that can not be used is one warning, and no more', async () => {
    const before = dir;
    dir = '/proc/none/cache'; // for root, too
    const one = make();
    await start(one);
    expect(one.client.get('DATABASE')).toBe('canary-1');
    await clock.advance(HOUR);
    await written();
    expect(one.lines.filter((line) => line.includes('disk cache'))).toHaveLength(1);
    expect(one.told('cache-failed')).toHaveLength(1);
    dir = before;
  });

  it('a folder that others may read is told with what to do, and not used', async () => {
    mkdirSync(dir);
    chmodSync(dir, 0o755);
    const one = make();
    await start(one);
    const [line] = one.lines.filter((text) => text.includes('disk cache'));
    expect(line).toContain('the folder is open to other users');
    expect(readdirSync(dir)).toEqual([]);
  });

  it('shows neither values nor names nor keys in its folder, its log and its events', async () => {
    backend.set('DATABASE', { value: { password: 'canary-value', list: ['canary-item'] } });
    const one = make({ key: 'canary-passphrase' });
    await start(one);
    while (!readdirSync(dir).some((name) => name.endsWith('.sealed')) || readdirSync(dir).length > 2) {
      await clock.advance(1_000);
      await written();
    }
    await one.close();
    const text = readdirSync(dir).map((name) => name + readFileSync(join(dir, name)).toString('latin1'));
    expect(text.length).toBe(2);
    expect(text.join('\n').replaceAll('\0', '')).not.toMatch(/canary|DATABASE|default|scripted/);
    expect([...one.lines, JSON.stringify(one.events)].join('\n')).not.toMatch(/canary/);
  });
});
