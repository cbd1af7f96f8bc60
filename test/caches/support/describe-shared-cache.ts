import { inspect } from 'node:util';
import { Lease, SecretVersion } from 'nestjs-hcp-vault';
import type { SharedCache, SharedNews, SharedTier } from '../../../lib/core/shared/shared-cache.js';
import type { SharedKeys } from '../../../lib/core/shared/shared-keys.js';
import type { SharedEntry, ValueEntry } from '../../../lib/core/shared/shared-entry.js';
import { Slot, type SlotFields } from '../../../lib/core/shared/slot.js';
import { FakeClock } from '../../support/fake-clock.js';

/** One storage (a folder, a server), with what a test needs of it. Each test gets a new, empty one. */
export interface SharedHarness {
  /** Another cache over the same storage, as another process would make it. */
  cache(options: { readonly key: SharedKeys; readonly dynamic?: boolean }): SharedCache;
  /** All that is stored, with the names under which it is: to look for what must not be readable, and to damage it. */
  stored(): Promise<readonly { readonly name: string; readonly bytes: Buffer }[]>;
  /** Overwrites what is stored under a name. */
  overwrite(name: string, bytes: Buffer): Promise<void>;
  /** Takes the storage away, so that each call fails or hangs; gives what brings it back. */
  takeAway?(): Promise<() => Promise<void>>;
  end(): Promise<void>;
}

export const KEY = Buffer.alloc(32, 1);
/** An hour after a fake clock's first. */
const ENDS_AT = 1_800_003_600_000;
export const OTHER_KEY = Buffer.alloc(32, 2);

const SLOT: SlotFields = {
  connection: 'default',
  source: 'scripted',
  kind: 'secret',
  place: 'scripted/DB',
  name: 'DB',
  requested: undefined,
};
export const slotOf = (fields: Partial<SlotFields> = {}): Slot => new Slot({ ...SLOT, ...fields });

export const valueEntry = (value: unknown, more: Partial<ValueEntry> = {}): ValueEntry => ({
  kind: 'value',
  at: 1_000,
  given: SecretVersion.of(value as string, { version: 'v1' }),
  ...more,
});

/** The contract of shared caches, each clause of it against a storage of its own. */
export function describeSharedCache(kind: string, make: () => Promise<SharedHarness>): void {
  describe(`a shared cache: ${kind}`, () => {
    let harness: SharedHarness;
    let news: SharedNews[];
    let opened: SharedTier[];
    const open = async (key: SharedKeys = KEY, dynamic?: boolean): Promise<SharedTier> => {
      const cache = harness.cache({ key, ...(dynamic !== undefined && { dynamic }) });
      const tell = (told: SharedNews): void => void news.push(told);
      const tier = await cache.open({ connection: 'default', clock: new FakeClock(), tell });
      opened.push(tier);
      return tier;
    };
    const put = (tier: SharedTier, slot: Slot, entry: SharedEntry): Promise<void> => tier.put(new Map([[slot, entry]]));
    const get = async (tier: SharedTier, slot: Slot): Promise<SharedEntry | undefined> =>
      (await tier.get([slot])).get(slot);
    const valueIn = async (tier: SharedTier, slot: Slot = slotOf()): Promise<unknown> => {
      const entry = await get(tier, slot);
      return entry?.kind === 'value' ? entry.given.value : entry?.kind;
    };

    beforeEach(async () => {
      harness = await make();
      news = [];
      opened = [];
    });
    afterEach(async () => {
      await Promise.all(opened.map((tier) => tier.close()));
      await harness.end();
    });

    describe('keeps what is put', () => {
      it.each([
        ['text', 'canary-text é 😀'],
        ['empty text', ''],
        ['text with a lone surrogate', 'a\ud800b'],
        ['bytes', Uint8Array.of(0, 255, 128)],
        ['no bytes', new Uint8Array()],
        ['an object', { user: 'u', nested: { list: [1, 'two', null, true] }, ['__proto__']: 'data' }],
        ['an array', ['a', { b: 'c' }]],
        ['a large text', 'canary-'.repeat(20_000)],
      ])('%s, for another process', async (_, value) => {
        await put(await open(), slotOf(), valueEntry(value));
        expect(await valueIn(await open())).toEqual(SecretVersion.of(value).value);
      });

      it('with its version, dates, time and fence', async () => {
        const dates = { createdAt: new Date(5_000), expiresAt: new Date(9_000) };
        const given = SecretVersion.of('canary-1', { version: '7', ...dates });
        await put(await open(), slotOf(), { kind: 'value', at: 1_234, fence: 5, given });
        const entry = await get(await open(), slotOf());
        expect(entry).toMatchObject({ kind: 'value', at: 1_234, fence: 5 });
        expect((entry as ValueEntry).given).toMatchObject({ version: '7', versionKind: 'source', ...dates });
      });

      it('without a version where the source has none: what a process calls it means nothing to others', async () => {
        await put(await open(), slotOf(), valueEntry('x', { given: SecretVersion.of('canary-1') }));
        const entry = (await get(await open(), slotOf())) as ValueEntry;
        expect(entry.given.versionKind).toBe('process');
      });

      it('many at once, listings and refusals too', async () => {
        const slots = Array.from({ length: 100 }, (_, index) => slotOf({ name: `S${index}` }));
        const entries = new Map<Slot, SharedEntry>(slots.map((slot) => [slot, valueEntry(`canary-${slot.name}`)]));
        const listing = slotOf({ kind: 'listing', name: '' });
        const [gone, denied] = [slotOf({ name: 'GONE' }), slotOf({ name: 'DENIED' })];
        entries.set(listing, { kind: 'listing', at: 1, names: ['A', 'B'] });
        entries.set(gone, { kind: 'gone', at: 1, reason: 'not there.' });
        entries.set(denied, { kind: 'denied', at: 1, reason: 'refused.' });
        await (await open()).put(entries);
        const found = await (await open()).get([...entries.keys()]);
        expect(found.size).toBe(103);
        expect(found.get(listing)).toEqual({ kind: 'listing', at: 1, names: ['A', 'B'] });
        expect(found.get(gone)).toEqual({ kind: 'gone', at: 1, reason: 'not there.' });
        expect(found.get(denied)).toEqual({ kind: 'denied', at: 1, reason: 'refused.' });
      });
    });

    describe('the order of puts', () => {
      it('a newer one takes the place of an older one, in every process', async () => {
        const [one, other] = [await open(), await open()];
        await put(one, slotOf(), valueEntry('canary-old', { at: 1 }));
        await put(other, slotOf(), valueEntry('canary-new', { at: 2 }));
        expect(await valueIn(one)).toBe('canary-new');
      });

      it('an older one does not, and that is not an error', async () => {
        const [one, other] = [await open(), await open()];
        await put(one, slotOf(), valueEntry('canary-new', { at: 2 }));
        await put(other, slotOf(), valueEntry('canary-old', { at: 1 }));
        expect(await valueIn(one)).toBe('canary-new');
        expect(news).toEqual([]);
      });

      it('the fence counts before the clock', async () => {
        const tier = await open();
        await put(tier, slotOf(), valueEntry('canary-new', { at: 1, fence: 2 }));
        await put(tier, slotOf(), valueEntry('canary-old', { at: 99, fence: 1 }));
        expect(await valueIn(tier)).toBe('canary-new');
      });

      it('a refusal takes the place of a value, and an older value does not bring it back', async () => {
        const tier = await open();
        await put(tier, slotOf(), valueEntry('canary-old', { at: 1 }));
        await put(tier, slotOf(), { kind: 'denied', at: 2, reason: 'refused.' });
        await put(tier, slotOf(), valueEntry('canary-old', { at: 1 }));
        expect(await valueIn(await open())).toBe('denied');
        await put(tier, slotOf(), valueEntry('canary-new', { at: 3 }));
        expect(await valueIn(await open())).toBe('canary-new');
      });

      it('what is removed is gone', async () => {
        const tier = await open();
        await put(tier, slotOf(), valueEntry('canary-old'));
        await tier.remove([slotOf(), slotOf({ name: 'NEVER' })]);
        expect(await valueIn(await open())).toBeUndefined();
      });
    });

    describe('dynamic secrets', () => {
      const leased = (): ValueEntry => {
        const lease = Lease.of({ id: 'lease-1', duration: '1h', renewable: true });
        return valueEntry('x', { given: SecretVersion.of('canary-leased', { version: '1', lease }), endsAt: ENDS_AT });
      };

      it('are not kept', async () => {
        const tier = await open();
        await put(tier, slotOf(), leased());
        expect(await valueIn(await open())).toBeUndefined();
        expect(await valueIn(await open(KEY, true))).toBeUndefined();
      });

      it('are, where asked for, and given to those who ask for it alone', async () => {
        await put(await open(KEY, true), slotOf(), leased());
        const entry = (await get(await open(KEY, true), slotOf())) as ValueEntry;
        expect(entry.endsAt).toBe(ENDS_AT);
        expect(entry.given.lease).toMatchObject({ id: 'lease-1', duration: 3_600_000, renewable: true });
        expect(await valueIn(await open())).toBeUndefined();
      });
    });

    describe('gives nothing', () => {
      it.each<[string, Partial<SlotFields>]>([
        ['connection', { connection: 'other' }],
        ['source', { source: 'scripted (elsewhere)' }],
        ['place', { place: 'other/DB' }],
        ['name', { name: 'DB2' }],
        ['version', { requested: 'AWSPREVIOUS' }],
        ['kind', { kind: 'listing' }],
        ['border between parts', { place: 'scripted/D', name: 'BDB' }],
      ])('of another %s', async (_, fields) => {
        const tier = await open();
        await put(tier, slotOf(), valueEntry('canary-1'));
        expect(await valueIn(tier, slotOf(fields))).toBeUndefined();
      });

      it('under another key, and what is put under that key is its own', async () => {
        await put(await open(), slotOf(), valueEntry('canary-1'));
        const other = await open(OTHER_KEY);
        expect(await valueIn(other)).toBeUndefined();
        await put(other, slotOf(), valueEntry('canary-2'));
        expect(await valueIn(other)).toBe('canary-2');
      });

      it('of an entry that was damaged, and tells so; the next put heals it', async () => {
        const tier = await open();
        await put(tier, slotOf(), valueEntry('canary-1'));
        const entries = await sealed(harness);
        for (const { name, bytes } of entries) {
          bytes[bytes.length - 1]! ^= 1;
          await harness.overwrite(name, bytes);
        }
        const other = await open();
        expect(await valueIn(other)).toBeUndefined();
        expect(news.map(({ type }) => type)).toContain('refused');
        await put(other, slotOf(), valueEntry('canary-2'));
        expect(await valueIn(await open())).toBe('canary-2');
      });

      it('of an entry that was moved to another name', async () => {
        const tier = await open();
        await put(tier, slotOf({ name: 'A' }), valueEntry('canary-a'));
        const [a] = await sealed(harness);
        await put(tier, slotOf({ name: 'B' }), valueEntry('canary-b'));
        const b = (await sealed(harness)).find(({ name }) => name !== a!.name)!;
        await harness.overwrite(b.name, a!.bytes);
        expect(await valueIn(await open(), slotOf({ name: 'B' }))).toBeUndefined();
        expect(news.map(({ type }) => type)).toContain('refused');
      });
    });

    describe('keys', () => {
      it('a list: the first writes, all read; the other is not needed any more once all is written anew', async () => {
        await put(await open(KEY), slotOf(), valueEntry('canary-1'));
        const both = await open([OTHER_KEY, KEY]);
        expect(await valueIn(both)).toBe('canary-1');
        await put(both, slotOf(), valueEntry('canary-2', { at: 2_000 }));
        expect(await valueIn(await open(OTHER_KEY))).toBe('canary-2');
        expect(await valueIn(await open(KEY))).toBeUndefined();
      });

      it('a function that gets it', async () => {
        await put(await open(() => Promise.resolve(KEY)), slotOf(), valueEntry('canary-1'));
        expect(await valueIn(await open(KEY))).toBe('canary-1');
      });

      it('a passphrase, for another process too', async () => {
        await put(await open('canary-passphrase'), slotOf(), valueEntry('canary-1'));
        expect(await valueIn(await open('canary-passphrase'))).toBe('canary-1');
        expect(await valueIn(await open('another passphrase'))).toBeUndefined();
      });

      it.each<[string, unknown]>([
        ['none', undefined],
        ['an empty list', []],
        ['31 bytes', Buffer.alloc(31)],
        ['a short text', 'canary1'],
        ['a number', 7],
        ['a bad one in a list', [KEY, '']],
      ])('%s is refused at once, without a word of it', (_, key) => {
        expect(() => harness.cache({ key: key as SharedKeys })).toThrow(
          expect.objectContaining({ code: 'SECRET_CONFIGURATION', message: expect.not.stringContaining('canary') }),
        );
      });

      it('a function that fails makes `open` reject, and the next one may go well', async () => {
        let isUp = false;
        const cache = harness.cache({ key: () => (isUp ? KEY : Promise.reject(new Error('no KMS'))) });
        const scope = { connection: 'default', clock: new FakeClock(), tell: () => undefined };
        await expect(cache.open(scope)).rejects.toThrow();
        isUp = true;
        opened.push(await cache.open(scope));
      });
    });

    it('shows neither values nor names in what is stored', async () => {
      const tier = await open();
      await put(tier, slotOf({ name: 'canary-name' }), valueEntry('canary-value'));
      await put(tier, slotOf({ kind: 'listing', name: '' }), { kind: 'listing', at: 1, names: ['canary-name'] });
      const text = (await harness.stored()).map(({ name, bytes }) => name + bytes.toString('latin1')).join('\n');
      expect(text.length).toBeGreaterThan(100);
      expect(text.replaceAll('\0', '')).not.toMatch(/canary|default|scripted/);
    });

    it('shows nothing of a key or a value where it is printed', async () => {
      const cache = harness.cache({ key: 'canary-passphrase' });
      const tier = await open(KEY);
      await put(tier, slotOf(), valueEntry('canary-value'));
      const held = await tier.get([slotOf()]);
      for (const holder of [cache, tier, held, slotOf()]) {
        expect(inspect(holder, { depth: 9, showHidden: true })).not.toMatch(/canary|01 01 01/);
        expect(JSON.stringify(holder)).not.toContain('canary');
      }
    });

    it('goes on when the storage is back', async () => {
      if (!harness.takeAway) return;
      const tier = await open();
      const bringBack = await harness.takeAway();
      await Promise.race([put(tier, slotOf(), valueEntry('canary-1')), pause(200)]).catch(() => undefined);
      await bringBack();
      await put(tier, slotOf(), valueEntry('canary-2', { at: 2_000 }));
      expect(await valueIn(tier)).toBe('canary-2');
    });
  });
}

const pause = (delay: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delay));

/** Those that hold an entry, and not how a passphrase is stretched. */
const sealed = async (harness: SharedHarness) =>
  (await harness.stored()).filter(({ bytes }) => bytes.length > 53 && bytes[0] === 1);
