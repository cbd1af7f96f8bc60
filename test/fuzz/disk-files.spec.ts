import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { diskCache, SecretVersion } from 'nestjs-hcp-vault';
import { systemClock } from '../../lib/core/clock.js';
import type { SharedNews } from '../../lib/core/shared/shared-cache.js';
import type { SharedEntry } from '../../lib/core/shared/shared-entry.js';
import { Slot } from '../../lib/core/shared/slot.js';
import { removeFolders, temporaryFolder } from '../contract/support/temporary-folder.js';

/** The suite's own number of files; `npm run fuzz` tries 100,000. */
const FILES = Number(process.env['FUZZ_FILES'] ?? 2_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);

/** mulberry32: the same numbers from the same seed. */
function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const random = numbers(SEED);
const below = (most: number): number => Math.floor(random() * most);
const noise = (size: number): Buffer => Buffer.from(Array.from({ length: size }, () => below(256)));

/** One way of damaging a file; `others` are good files of other secrets, of another connection, and under another key. */
type Damage = (file: Buffer, others: readonly Buffer[]) => Buffer;

const flip: Damage = (file) => {
  const damaged = Buffer.from(file);
  for (let times = 1 + below(4); times > 0; times -= 1) damaged[below(damaged.length)]! ^= 1 << below(8);
  return damaged;
};
const DAMAGES: readonly Damage[] = [
  flip,
  (file) => file.subarray(0, below(file.length)),
  (file) => Buffer.concat([file, noise(1 + below(40))]),
  (file) => Buffer.concat([noise(1 + below(40)), file]),
  (_, others) => others[below(others.length)]!,
  (file, others) => {
    const other = others[below(others.length)]!;
    const at = below(Math.min(file.length, other.length));
    return Buffer.concat([file.subarray(0, at), other.subarray(at)]);
  },
  (file) => {
    const at = below(file.length);
    return Buffer.concat([file.subarray(0, at), noise(1 + below(8)), file.subarray(at)]);
  },
  (file) => {
    const at = below(file.length);
    return Buffer.concat([file.subarray(0, at), file.subarray(at + 1 + below(16))]);
  },
  (file) =>
    Buffer.concat([file.subarray(0, file.length - 16), file.subarray(file.length - 16, file.length - below(16))]),
  (file) => noise(below(file.length * 2)),
  (file) => Buffer.concat([file.subarray(0, 25), noise(12), file.subarray(37)]),
  (file) => Buffer.concat([Buffer.of(below(256)), file.subarray(1)]),
  () => Buffer.alloc(0),
];

describe('files of the disk cache', () => {
  afterAll(removeFolders);

  it(`given ${FILES} damaged files, when they are read, then none gives a value, and none throws`, async () => {
    const dir = join(temporaryFolder(), 'cache');
    const news = new Set<string>();
    const scope = (connection: string) => ({
      connection,
      clock: systemClock,
      tell: ({ type, reason }: SharedNews) => void news.add(`${type}: ${reason}`),
    });
    const slotOf = (connection: string, name: string): Slot =>
      new Slot({ connection, source: 's', kind: 'secret', place: name, name, requested: undefined });
    const entryOf = (name: string): SharedEntry => ({
      kind: 'value',
      at: 1_000,
      given: SecretVersion.of({ password: `canary-${name}`, more: 'x'.repeat(below(300)) }, { version: '1' }),
    });
    const key = Buffer.alloc(32, 1);
    const tier = await diskCache({ dir, key }).open(scope('c'));
    const slot = slotOf('c', 'DB');
    await tier.put(new Map([[slot, entryOf('DB')]]));
    const [name] = readdirSync(dir);
    const path = join(dir, name!);
    const good = readFileSync(path);
    const foreign = await diskCache({ dir, key: Buffer.alloc(32, 2) }).open(scope('c'));
    await foreign.put(new Map([[slot, entryOf('foreign')]]));
    const elsewhere = await diskCache({ dir, key }).open(scope('elsewhere'));
    await elsewhere.put(new Map([[slotOf('elsewhere', 'DB'), entryOf('elsewhere')]]));
    await tier.put(new Map(['A', 'B', 'C'].map((other) => [slotOf('c', other), entryOf(other)])));
    const others = readdirSync(dir)
      .filter((file) => file !== name)
      .map((file) => readFileSync(join(dir, file)));
    expect(others).toHaveLength(5);
    expect((await tier.get([slot])).size).toBe(1);

    const given: string[] = [];
    let tried = 0;
    while (tried < FILES) {
      const which = below(DAMAGES.length);
      const damaged = DAMAGES[which]!(good, others);
      if (damaged.equals(good)) continue;
      writeFileSync(path, damaged);
      const found = await tier.get([slot]);
      if (found.size > 0) given.push(`damage ${which}, try ${tried}, seed ${SEED}`);
      tried += 1;
    }
    expect(given).toEqual([]);
    expect([...news].sort()).toEqual([
      'refused: a file in it is damaged, and is not trusted.',
      'refused: a file in it is foreign, and is not trusted.',
    ]);
    writeFileSync(path, good);
    expect((await tier.get([slot])).size).toBe(1);
  }, 3_600_000);
});
