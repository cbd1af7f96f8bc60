import { SecretAccessDeniedError } from 'nestjs-hcp-vault';
import { settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { answers, gives } from '../support/scripted-source.js';

// Sources are written by others too. A rejection that nobody handles fails a test of jest's by itself.

const ODD: [string, unknown][] = [
  ['a number', 7],
  ['a text', 'canary-text'],
  ['null', null],
  ['an Error', new Error('canary-text')],
  ['an empty object', {}],
  ['an object like a version', { value: 'canary-text', version: '2' }],
  ['an object that throws when it is looked at', new Proxy({}, { get: fail, has: fail })],
  ['a promise', Promise.resolve('canary-text')],
  ['a function', fail],
];

async function ready(can: ('readAll' | 'renew' | 'list')[] = [], more: object = {}) {
  const set = scripted({}, { can, more });
  set.backend.set('ODD', { value: 'v1', version: '1' });
  set.backend.set('GOOD', { value: 'g1', version: '1' });
  await set.start('ODD', 'GOOD');
  await set.readers.open('GOOD');
  return set;
}

describe.each(ODD)('a source that gives %s for a name', (_, odd) => {
  it('given another name with a new version, when both are read, then it is that name’s error, the other is delivered everywhere, and the next good answer counts', async () => {
    const set = await ready();
    set.backend.set('ODD', { failure: odd });
    set.backend.set('GOOD', { value: 'g2', version: '2' });
    const report = await set.client.refresh();
    expect(report).toMatchObject({ changed: ['GOOD'], unchanged: [], failed: [{ name: 'ODD' }] });
    expect(report.failed).toHaveLength(1);
    await settled();
    set.readers.look();
    await settled();
    expect(set.readers.seen()).toEqual(['g2']);
    expect(set.client.get('ODD')).toBe('v1');
    expect(set.statusOf('ODD')).toMatchObject({ version: '1', lastError: { code: expect.any(String) as string } });
    expect(set.statusOf('GOOD')).toMatchObject({ version: '2' });
    expect(set.rotations.map(({ name }) => name)).toEqual(['GOOD']);
    expect(JSON.stringify([set.lines, set.events, set.client.status()])).not.toContain('canary-text');
    set.backend.set('ODD', { value: 'v2', version: '2' });
    await set.clock.advance(MINUTE);
    expect((await set.client.refresh()).failed).toEqual([]);
    expect(set.client.get('ODD')).toBe('v2');
  });

  it('given it at the start, when the other is there, then the start fails with that name’s error alone', async () => {
    const set = scripted({ bootstrapTimeout: 0 });
    set.backend.set('ODD', { failure: odd });
    set.backend.set('GOOD', { value: 'g1' });
    const error = (await set.start('ODD', 'GOOD').catch((thrown: unknown) => thrown)) as { errors: unknown[] };
    expect(error.errors).toEqual([expect.objectContaining({ secretName: 'ODD' })]);
    expect(String(error)).not.toContain('canary-text');
  });

  it('given it in an enumeration, when all is read, then the others are delivered', async () => {
    const set = await ready(['readAll']);
    set.backend.set('ODD', { failure: odd });
    set.backend.set('GOOD', { value: 'g2', version: '2' });
    const fetched = await set.client.fetchSecrets().catch((error: unknown) => error);
    expect(set.client.get('GOOD')).toBe('g2');
    expect(fetched).toMatchObject({ ODD: 'v1', GOOD: 'g2' });
    await set.clock.advance(MINUTE);
  });
});

describe('a source whose answer as a whole is odd', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a record', { ODD: 'x' }],
    ['a list', ['ODD']],
    ['a text', 'canary-text'],
    ['a Map whose get throws', Object.assign(new Map(), { get: fail })],
    ['a Set', new Set(['ODD'])],
  ])(
    'given %s in place of a Map, when it is read, then each name has an error, values stay, and it is asked again',
    async (_, odd) => {
      const set = await ready();
      set.backend.script('read', gives(odd));
      const report = await set.client.refresh();
      expect(report.failed.map(({ name }) => name).sort()).toEqual(['GOOD', 'ODD']);
      expect([set.client.get('ODD'), await set.client.fetch('GOOD')]).toEqual(['v1', 'g1']);
      set.backend.set('ODD', { value: 'v2', version: '2' });
      await set.clock.advance(MINUTE);
      expect(set.client.get('ODD')).toBe('v2');
      expect(set.statusOf('ODD')).not.toHaveProperty('lastError');
    },
  );

  it.each([
    ['nothing', undefined],
    ['a number', 7],
    ['a record', { A: 1 }],
    ['a list of numbers', [1, 2]],
    ['a text', 'AB'],
    ['a list that throws', { [Symbol.iterator]: fail }],
  ])('given %s for a list of names, when listed, then that is a SecretError', async (_, odd) => {
    const set = await ready(['list']);
    set.backend.always.list = gives(odd);
    const asked = [set.client.list(), set.client.fetchSecrets(), set.client.getByPath('G')];
    for (const result of await Promise.allSettled(asked)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    }
    set.backend.always.list = answers;
    expect(await set.client.list()).toEqual(['ODD', 'GOOD']);
  });

  it.each([
    ['nothing', undefined],
    ['a list', ['KEY']],
    ['a Map of other keys', new Map([[7, 'x']])],
  ])('given %s for all that there is, when it is read, then that is a SecretError', async (_, odd) => {
    const set = await ready(['readAll']);
    set.backend.always.readAll = gives(odd);
    for (const result of await Promise.allSettled([set.client.list(), set.client.fetchSecrets()])) {
      if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
      else expect(_).toBe('a Map of other keys');
    }
    expect(set.client.get('GOOD')).toBe('g1');
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a record', {}],
    ['an endless lease', { id: 'DB-1', duration: Infinity, renewable: true }],
    ['no number', { id: 'DB-1', duration: NaN, renewable: true }],
    ['a negative one', { id: 'DB-1', duration: -1, renewable: true }],
    ['a text', { id: 'DB-1', duration: '1h', renewable: true }],
  ])(
    'given %s for a renewed lease, when it is due, then new credentials are there before the end, and few calls are made',
    async (_, odd) => {
      const set = scripted({}, { can: ['renew'] });
      set.backend.set('DB', { lease: HOUR, renewable: true });
      await set.start('DB');
      await set.readers.open('DB');
      set.backend.always.renew = gives(odd);
      await set.readers.work(64 * MINUTE, 30 * SECOND);
      expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
      expect(set.readers.seen(HOUR)).toEqual(['DB-2']);
      expect(set.readers.seen()).toEqual(['DB-1', 'DB-2']);
      expect(set.backend.count('renew')).toBeLessThan(40);
    },
  );

  it('given a Map that throws when it is looked through, when all is read, then that is a SecretError', async () => {
    const set = await ready(['readAll']);
    set.backend.always.readAll = () => Object.assign(new Map(), { keys: fail, [Symbol.iterator]: fail });
    for (const result of await Promise.allSettled([set.client.list(), set.client.fetchSecrets()])) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    }
    expect(set.client.get('GOOD')).toBe('g1');
  });

  it('given a method that throws at once in place of a promise, when called, then that is an error as any other', async () => {
    const set = scripted({ bootstrapTimeout: 0 }, { more: { read: fail, list: fail, exists: fail, write: fail } });
    const asked = [
      set.client.fetch('KEY'),
      set.client.list(),
      set.client.exists('KEY'),
      set.client.update('KEY', 'x'),
      set.client.fetchSecrets(),
    ];
    for (const result of await Promise.allSettled(asked)) {
      expect(result).toMatchObject({ status: 'rejected', reason: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    }
    await expect(set.client.refresh('KEY')).resolves.toMatchObject({ failed: [{ name: 'KEY' }] });
  });

  it('given a hook or a schema that throws for one name, when several are read, then the others are delivered', async () => {
    const set = scripted({
      cache: {
        hook: {
          put: (name, value) => {
            if (name === 'ODD' && value !== 'v1') throw new Error('canary-text');
            return value;
          },
        },
      },
    });
    set.backend.set('ODD', { value: 'v1' });
    set.backend.set('GOOD', { value: 'g1' });
    await set.start('ODD', 'GOOD');
    set.backend.set('ODD', { value: 'v2' });
    set.backend.set('GOOD', { value: 'g2' });
    expect(await set.client.refresh()).toMatchObject({ changed: ['GOOD'], failed: [{ name: 'ODD' }] });
    expect([set.client.get('ODD'), set.client.get('GOOD')]).toEqual(['v1', 'g2']);
    expect(JSON.stringify([set.lines, set.events])).not.toContain('canary-text');
  });

  it('given one name that is denied, when others are read with it, then only that is asked again', async () => {
    const set = await ready();
    set.backend.set('ODD', { failure: new SecretAccessDeniedError() });
    await set.client.refresh();
    const before = set.backend.calls.length;
    await set.clock.advance(10 * MINUTE);
    expect(set.backend.calls.length).toBe(before);
  });
});

function fail(): never {
  throw new Error('canary-text');
}
