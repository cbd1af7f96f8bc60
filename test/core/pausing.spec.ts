import { settled } from '../support/fake-clock.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { channel, delays, fails } from '../support/scripted-source.js';
import { SecretSourceUnavailableError } from 'nestjs-hcp-vault';

const DAY = 24 * HOUR;

async function running(options: Parameters<typeof scripted>[0] = {}, about: Parameters<typeof scripted>[1] = {}) {
  const { watch, announce, log } = channel();
  const set = scripted(options, { ...about, more: { watch, ...about.more } });
  set.backend.set('KEY', { value: 'v1', version: '1' });
  set.backend.set('OTHER', { value: 'o1', version: '1' });
  await set.start('KEY', 'OTHER');
  await set.clock.advance(SECOND);
  /** Readings of the source since. */
  const since = () => {
    const before = set.backend.calls.length;
    const from = set.clock.now();
    return () => set.backend.calls.slice(before).map(({ operation, names, at }) => ({ operation, names, at: at - from })); // prettier-ignore
  };
  return { ...set, announce, channelLog: log, since };
}

describe('pause', () => {
  it('given a running connection, when it is paused for a day full of announcements and readers, then nothing is read, and values stay', async () => {
    const set = await running();
    const calls = set.since();
    set.client.pause();
    expect(set.client.isPaused).toBe(true);
    set.backend.set('KEY', { value: 'bad', version: '2' });
    for (let passed = 0; passed < DAY; passed += 20 * MINUTE) {
      set.announce([{ name: 'KEY', version: '2' }, 'OTHER']);
      set.announce();
      set.announce.lost(new Error('gone'));
      await set.clock.advance(10 * MINUTE);
      set.announce.resumed();
      set.runtime.announce(['KEY'], true);
      expect(set.client.get('KEY')).toBe('v1'); // of an aged value, which has a reading behind else
      expect(await set.client.fetch('KEY')).toBe('v1');
      expect(await set.client.withSecret('KEY', (value) => Promise.resolve(value))).toBe('v1');
      await set.clock.advance(10 * MINUTE);
    }
    expect(calls()).toEqual([]);
    expect(set.statusOf('KEY')).toMatchObject({ version: '1', paused: { since: expect.any(Date) as Date } });
    expect(set.statusOf('KEY')).not.toHaveProperty('nextRefreshAt');
  });

  it('given announcements and a refresh that was due meanwhile, when it is resumed, then all of it is one reading, soon, and the rest as ever', async () => {
    const set = await running();
    set.client.pause();
    set.backend.set('KEY', { value: 'v2', version: '2' });
    await set.clock.advance(DAY);
    for (let times = 0; times < 50; times += 1) set.announce(['KEY']);
    const calls = set.since();
    set.client.resume();
    expect(set.client.isPaused).toBe(false);
    await set.clock.advance(249);
    expect(calls()).toEqual([]); // chance and jitter are one half: a quarter of a second
    await set.clock.advance(2 * MINUTE);
    expect(calls()).toEqual([{ operation: 'read', names: ['KEY', 'OTHER'], at: 250 }]);
    expect(set.client.get('KEY')).toBe('v2');
    expect(set.statusOf('KEY')).not.toHaveProperty('paused');
    await set.clock.advance(25 * MINUTE);
    expect(calls().length).toBe(2);
  });

  it('given an announcement of a name alone, when it is resumed before a refresh is due, then that is read, and nothing else', async () => {
    const set = await running();
    set.client.pause();
    set.announce(['KEY']);
    await set.clock.advance(MINUTE);
    const calls = set.since();
    set.client.resume();
    await set.clock.advance(5 * MINUTE);
    expect(calls()).toEqual([{ operation: 'read', names: ['KEY'], at: 250 }]);
    expect(set.told('announced-not-seen')).toEqual([]);
  });

  it('given an announcement without names, when it is resumed, then all is read once', async () => {
    const set = await running();
    set.client.pause();
    set.announce();
    set.announce(['KEY']);
    const calls = set.since();
    set.client.resume();
    await set.clock.advance(5 * MINUTE);
    expect(calls()).toEqual([{ operation: 'read', names: ['KEY', 'OTHER'], at: 250 }]);
  });

  it('given announced versions that explicit readings have brought meanwhile, when it is resumed, then nothing is read for them', async () => {
    const set = await running();
    set.client.pause();
    set.backend.set('KEY', { value: 'v2', version: '2' });
    set.announce([{ name: 'KEY', version: '2' }]);
    await set.client.refresh('KEY');
    const calls = set.since();
    set.client.resume();
    await set.clock.advance(MINUTE);
    expect(calls()).toEqual([]);
  });

  it('given a row of readings under way, when it is paused, then the row ends, and what it looked for is read on resume', async () => {
    const set = await running();
    const calls = set.since();
    set.announce(['KEY']);
    await set.clock.advance(600);
    expect(calls().map(({ at }) => at)).toEqual([0, 200, 500]);
    set.client.pause();
    await set.clock.advance(HOUR);
    expect(calls()).toHaveLength(3);
    set.client.resume();
    await set.clock.advance(MINUTE);
    expect(calls()[3]).toMatchObject({ names: ['KEY', 'OTHER'], at: 600 + HOUR + 250 });
    expect(calls()).toHaveLength(4);
    set.announce(['KEY']);
    await set.clock.advance(600);
    expect(calls().slice(4)).toHaveLength(3); // rows run as ever
  });

  it('given a row that waits for its turn, when it is paused and resumed, then there is one look, and no ghost of it', async () => {
    const set = await running();
    set.announce([{ name: 'KEY', version: '1' }]); // held: nothing
    set.announce(['KEY']);
    await set.clock.advance(2 * MINUTE); // the row is over, and keeps the next one off
    set.announce(['KEY']);
    set.client.pause();
    const calls = set.since();
    await set.clock.advance(10 * MINUTE);
    expect(calls()).toEqual([]);
    set.client.resume();
    await set.clock.advance(MINUTE);
    expect(calls().map(({ names }) => names)).toEqual([['KEY']]);
  });

  it('given a reading of all under way, when it is paused, then its second reading waits for the resume', async () => {
    const set = await running();
    const calls = set.since();
    set.announce();
    await set.clock.advance(SECOND);
    expect(calls()).toHaveLength(1);
    set.client.pause();
    await set.clock.advance(5 * MINUTE);
    expect(calls()).toHaveLength(1);
    set.client.resume();
    await set.clock.advance(5 * MINUTE);
    expect(calls()).toHaveLength(2);
  });

  it('given a pause that ends and begins again at once, when time passes, then nothing is read, and nothing is forgotten', async () => {
    const set = await running();
    set.client.pause();
    set.announce(['KEY']);
    await set.clock.advance(HOUR);
    const calls = set.since();
    set.client.resume();
    await set.clock.advance(100);
    set.client.pause();
    await set.clock.advance(HOUR);
    expect(calls()).toEqual([]);
    set.client.resume();
    await set.clock.advance(SECOND);
    expect(calls()).toHaveLength(1);
  });

  it('given a secret that failed and is tried again, when it is paused, then it is not, and on resume it is', async () => {
    const set = await running();
    set.backend.always.read = fails(new SecretSourceUnavailableError('down.'));
    await set.clock.advance(25 * MINUTE);
    set.client.pause();
    const calls = set.since();
    await set.clock.advance(DAY);
    expect(calls()).toEqual([]);
    delete set.backend.always.read;
    set.client.resume();
    await set.clock.advance(SECOND);
    expect(calls()).toHaveLength(1);
    expect(set.statusOf('KEY')).not.toHaveProperty('lastError');
  });

  it('given what is asked for, when it is paused, then it is read: misses, refresh, forced readings, update, refused credentials', async () => {
    const set = await running({}, { can: ['write'] });
    set.client.pause();
    set.backend.set('MISS', { value: 'm' });
    const calls = set.since();
    expect(await set.client.fetch('MISS')).toBe('m');
    expect(calls()).toHaveLength(1);
    set.backend.set('KEY', { value: 'v2', version: '2' });
    expect(await set.client.fetch('KEY', { forceRefresh: true })).toBe('v2');
    set.backend.set('KEY', { value: 'v3', version: '3' });
    expect((await set.client.refresh()).changed).toEqual(['KEY']);
    set.backend.set('KEY', { value: 'v4', version: '4' });
    await set.client.reportRejected('KEY');
    expect(set.client.get('KEY')).toBe('v4');
    await set.client.update('KEY', 'v5');
    expect(set.client.get('KEY')).toBe('v5');
    await set.clock.advance(MINUTE);
    expect(await set.client.fetch('KEY', { maxAge: '5s' })).toBe('v5');
    const ref = set.client.ref('LATER');
    set.backend.set('LATER', { value: 'l' });
    await settled();
    expect(ref.value).toBe('l');
    const asked = calls().length;
    await set.clock.advance(DAY);
    expect(calls()).toHaveLength(asked);
  });

  it('given dynamic secrets, when it is paused, then leases are extended, and replaced where they can not be: an app goes on', async () => {
    const set = await running({}, { can: ['renew'] });
    set.backend.set('RENEWED', { lease: HOUR, renewable: true });
    set.backend.set('LEASED', { lease: HOUR });
    set.client.ref('RENEWED');
    set.client.ref('LEASED');
    await set.clock.advance(SECOND);
    set.client.pause();
    const calls = set.since();
    await set.clock.advance(6 * HOUR);
    expect(set.told('ended')).toEqual([]);
    expect(set.backend.opened.filter((id) => id.startsWith('RENEWED'))).toHaveLength(1);
    expect(set.backend.opened.filter((id) => id.startsWith('LEASED')).length).toBeGreaterThan(6);
    expect(calls().some(({ names }) => names.includes('KEY'))).toBe(false);
    expect(set.statusOf('LEASED')).not.toHaveProperty('paused');
    expect(set.statusOf('LEASED')).toHaveProperty('nextRefreshAt');
  });

  it('given a renewal that is refused while it is paused, when its lease nears its end, then new credentials are opened', async () => {
    const set = await running({}, { can: ['renew'] });
    set.backend.set('DB', { lease: HOUR, renewable: true });
    set.client.ref('DB');
    await set.clock.advance(SECOND);
    set.client.pause();
    set.backend.always.renew = fails(new Error('the maximum is reached'));
    await set.clock.advance(2 * HOUR);
    expect(set.told('ended')).toEqual([]);
    expect(set.backend.opened.length).toBeGreaterThan(1);
  });

  it('given a finite maxStale, when it is paused past it, then the end is an end, a pause says when, and fetch reads what is missing', async () => {
    const set = await running({ cache: { maxAge: '30m', maxStale: '30m' } });
    set.client.pause();
    expect(set.lines.at(-1)).toContain('the first until 2027-01-15T09:00:00Z');
    await set.clock.advance(2 * HOUR);
    expect(set.told('ended').map(({ name }) => name).sort()).toEqual(['KEY', 'OTHER']); // prettier-ignore
    expect(() => set.client.get('KEY')).toThrow('and refreshing is paused. Call `client.resume()`');
    expect(await set.client.fetch('KEY')).toBe('v1');
  });

  it('given a machine that stands still while it is paused, when it goes on, then nobody waits for a reading, and nothing is read', async () => {
    const set = await running();
    set.client.pause();
    const calls = set.since();
    set.clock.freeze(5 * HOUR);
    expect(await set.client.fetch('KEY')).toBe('v1');
    expect(await set.client.withSecret('KEY', (value) => Promise.resolve(value))).toBe('v1');
    await set.clock.advance(HOUR);
    set.clock.jump(5 * HOUR);
    expect(await set.client.fetch('KEY')).toBe('v1');
    expect(calls()).toEqual([]);
  });

  it('given a reading under way, when it is paused, then that is answered, and is the last', async () => {
    const set = await running();
    set.backend.script('read', delays(set.clock, 2 * SECOND));
    set.backend.set('KEY', { value: 'v2', version: '2' });
    set.announce(['KEY']);
    await set.clock.advance(SECOND);
    set.client.pause();
    const calls = set.since();
    await set.clock.advance(HOUR);
    expect(set.client.get('KEY')).toBe('v2');
    expect(calls()).toEqual([]);
  });

  it('given a secret that was left alone, when it is paused and asked for, then what there is answers, without a reading', async () => {
    const set = await running({}, { isHeard: false });
    set.backend.set('SELDOM', { value: 's1' });
    await set.client.fetch('SELDOM');
    await set.clock.advance(3 * HOUR);
    expect(set.statusOf('SELDOM')).not.toHaveProperty('nextRefreshAt');
    set.client.pause();
    const calls = set.since();
    expect(await set.client.fetch('SELDOM')).toBe('s1');
    set.client.ref('SELDOM');
    await set.clock.advance(HOUR);
    expect(calls()).toEqual([]);
    set.client.resume();
    await set.clock.advance(SECOND);
    expect(calls().flatMap(({ names }) => names)).toContain('SELDOM');
  });

  it('given all of a source is fetched, when it is paused, then what was fetched stays, whatever its age', async () => {
    const set = await running({}, { can: ['readAll', 'list'] });
    await set.client.fetchSecrets();
    set.client.pause();
    const calls = set.since();
    await set.clock.advance(HOUR);
    expect(await set.client.fetchSecrets()).toMatchObject({ KEY: 'v1', OTHER: 'o1' });
    expect(calls()).toEqual([]);
  });

  it('given a tick of a cron job that falls into a pause, when it is resumed, then all is read once', async () => {
    const set = await running({ refresh: { cron: '0 * * * *' } });
    set.client.pause();
    const calls = set.since();
    set.runtime.refresher.refreshWithin(MINUTE);
    await set.clock.advance(HOUR);
    expect(calls()).toEqual([]);
    set.client.resume();
    await set.clock.advance(HOUR);
    expect(calls()).toEqual([{ operation: 'read', names: ['KEY', 'OTHER'], at: HOUR + 250 }]);
  });

  it('given refreshing that is switched off by its option, when it is paused, then readers of aged values read nothing either', async () => {
    const set = await running({ refresh: { enabled: false } });
    expect(set.client.isPaused).toBe(false);
    await set.clock.advance(HOUR);
    const calls = set.since();
    set.client.pause();
    set.client.get('KEY');
    await settled();
    expect(calls()).toEqual([]);
    set.client.resume();
    set.client.get('KEY');
    await settled();
    expect(calls()).toHaveLength(1);
  });

  it('given a pause and a resume, when they are said twice, then each is told once, in log and events', async () => {
    const set = await running();
    set.client.pause();
    set.client.pause();
    set.client.resume();
    set.client.resume();
    expect(set.events.filter(({ type }) => type === 'paused' || type === 'resumed')).toMatchObject([
      { type: 'paused', connection: 'default', source: 'scripted' },
      { type: 'resumed' },
    ]);
    expect(set.lines.filter((line) => line.includes('Refreshing of "default"'))).toEqual([
      expect.stringContaining('is paused: nothing is read by the clock'),
      expect.stringContaining('goes on'),
    ]);
  });

  it('given a connection that closes while it is paused, when it is resumed after that, then nothing happens, and no timer is left', async () => {
    const set = await running();
    set.client.pause();
    set.announce(['KEY']);
    set.runtime.stop();
    const calls = set.since();
    set.client.resume();
    await set.clock.advance(HOUR);
    expect(calls()).toEqual([]);
    await set.runtime.shutdown();
    set.client.pause();
    set.client.resume();
    expect(set.clock.pending).toBe(0);
    expect(set.told('resumed')).toHaveLength(1);
  });

  it('given 1,500 announced names, when it is resumed, then all is read at once, and nothing is remembered of them', async () => {
    const set = await running();
    const names = Array.from({ length: 1_500 }, (_, n) => `MANY_${n}`);
    for (const name of names) set.backend.set(name, { value: name });
    await Promise.all(names.map((name) => set.client.fetch(name)));
    set.client.pause();
    set.announce(names);
    const calls = set.since();
    set.client.resume();
    await set.clock.advance(5 * SECOND);
    expect(calls()).toHaveLength(1);
    expect(calls()[0]!.names.length).toBeGreaterThanOrEqual(1_024);
  });
});

describe('HCP_VAULT_REFRESH', () => {
  const before = process.env['HCP_VAULT_REFRESH'];
  afterEach(() => {
    if (before === undefined) delete process.env['HCP_VAULT_REFRESH'];
    else process.env['HCP_VAULT_REFRESH'] = before;
  });

  it('given "off", when a connection starts, then its first load is done, and nothing after it until it is resumed', async () => {
    process.env['HCP_VAULT_REFRESH'] = 'off';
    const set = await running();
    expect(set.client.get('KEY')).toBe('v1');
    expect(set.client.isPaused).toBe(true);
    const calls = set.since();
    set.announce(['KEY']);
    await set.clock.advance(DAY);
    expect(calls()).toEqual([]);
    set.client.resume();
    await set.clock.advance(SECOND);
    expect(calls()).toHaveLength(1);
  });

  it.each(['', 'on'])('given "%s", when a connection starts, then it is on', async (value) => {
    process.env['HCP_VAULT_REFRESH'] = value;
    expect((await running()).client.isPaused).toBe(false);
  });

  it.each(['OFF', 'false', '0', 'canary-paste'])(
    'given %s, when a connection is made, then it is refused by name, and not shown',
    (value) => {
      process.env['HCP_VAULT_REFRESH'] = value;
      expect(() => scripted()).toThrow('HCP_VAULT_REFRESH');
      expect(() => scripted()).not.toThrow(value);
    },
  );
});
