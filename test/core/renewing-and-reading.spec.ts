import { SecretAccessDeniedError, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import { delays, fails } from '../support/scripted-source.js';

// Reading and renewing fail each by itself, and what is under way is joined. Readers of all kinds are at work throughout.

const down = fails(new SecretSourceUnavailableError('down.'));
const refused = fails(new SecretAccessDeniedError('no.'));

async function ready(options: Parameters<typeof scripted>[0] = {}, lease = 10 * MINUTE) {
  const set = scripted(options, { can: ['renew', 'revoke', 'list', 'readAll'] });
  set.backend.set('KEY', { value: 'v1' });
  set.backend.set('DB', { lease, renewable: true });
  await set.start('KEY', 'DB');
  await set.readers.open('DB');
  const since = (operation: 'read' | 'renew', from: number, name = 'DB') =>
    set.backend.calls.filter(
      (call) => call.operation === operation && call.at >= from && call.names[0]!.startsWith(name),
    ).length;
  return { ...set, since };
}

describe('a renewal that is refused while reading fails', () => {
  it.each([
    ['down', down],
    ['refused', refused],
  ])(
    'given readings that are %s too, when five seconds pass, then readings and renewals are few, and `lastError` stays',
    async (_, reading) => {
      const set = await ready();
      await set.clock.advance(7 * MINUTE);
      set.backend.always.renew = refused;
      set.backend.always.read = reading;
      const due = 7.2 * MINUTE;
      await set.clock.advance(0.2 * MINUTE - 100);
      const codes = new Set<string | undefined>();
      for (let passed = 0; passed < 5 * SECOND; passed += 50) {
        await set.readers.work(50, 50);
        if (set.clock.now() > due + 100) codes.add(set.statusOf('DB')?.lastError?.code);
      }
      expect(set.since('renew', due - SECOND)).toBe(1);
      expect(set.since('read', due - SECOND)).toBeLessThanOrEqual(7);
      expect(set.since('read', due - SECOND)).toBeGreaterThan(0);
      expect(codes.size).toBe(1);
      expect(codes).not.toContain(undefined);
      expect(set.readers.seen()).toEqual(['DB-1']);
      expect(set.told('recovered')).toEqual([]);
      expect(set.lines).toHaveLength(1);
    },
  );

  it('given both well again, when new credentials come, then there is one `recovered`, the log says it once, and the next outage is logged', async () => {
    const set = await ready();
    await set.clock.advance(7 * MINUTE);
    set.backend.always.renew = refused;
    set.backend.always.read = down;
    await set.readers.work(MINUTE, SECOND);
    delete set.backend.always.read;
    delete set.backend.always.renew;
    await set.readers.work(90 * SECOND, SECOND);
    expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
    expect(set.told('recovered', 'DB')).toHaveLength(1);
    expect(set.lines).toEqual([expect.stringContaining('down'), expect.stringContaining('are back: DB')]);
    expect(set.statusOf('DB')).not.toHaveProperty('lastError');
    set.backend.always.renew = refused;
    set.backend.always.read = down;
    await set.readers.work(8 * MINUTE, SECOND);
    expect(set.lines).toHaveLength(3);
  }, 30_000);

  it('given renewals that fail for a while and then succeed, when asked, then it has recovered, once, and nothing is opened', async () => {
    const set = await ready();
    await set.clock.advance(7 * MINUTE);
    set.backend.always.renew = down;
    await set.readers.work(MINUTE, SECOND);
    expect(set.statusOf('DB')).toMatchObject({ lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } });
    delete set.backend.always.renew;
    await set.readers.work(MINUTE, SECOND);
    expect(set.statusOf('DB')).not.toHaveProperty('lastError');
    expect([set.told('recovered').length, set.backend.opened.length, set.lines.length]).toEqual([1, 1, 2]);
    expect(set.readers.seen()).toEqual(['DB-1']);
  });
});

describe('a forced reading of a renewable lease that fails', () => {
  it.each([
    ['refresh(name)', (set: Awaited<ReturnType<typeof ready>>) => set.client.refresh('DB')],
    ['a forced fetch', (set: Awaited<ReturnType<typeof ready>>) => set.client.fetch('DB', { forceRefresh: true })],
    ['a refused value', (set: Awaited<ReturnType<typeof ready>>) => set.client.reportRejected('DB')],
  ])(
    'given one by %s, when a minute passes, then the source is called few times, and it recovers',
    async (_, force) => {
      const set = await ready();
      set.backend.script('read', down);
      await Promise.resolve(force(set)).catch(() => undefined);
      const from = set.clock.now();
      await set.readers.work(MINUTE, SECOND);
      expect(set.since('read', from) + set.since('renew', from)).toBeLessThanOrEqual(4);
      expect(set.statusOf('DB')).not.toHaveProperty('lastError');
      expect(set.statusOf('DB')!.nextRefreshAt!.getTime()).toBeGreaterThan(set.clock.wall());
    },
  );
});

describe('what status() says of an attempt', () => {
  it('given a reading that was due and takes long, when asked, then its start is told, and no next one that lies behind', async () => {
    const set = scripted({ cache: { maxAge: '10m' }, refresh: { jitter: 0 } });
    set.backend.set('KEY', { value: 'x' });
    await set.start('KEY');
    const due = set.statusOf('KEY')!.nextRefreshAt!;
    set.backend.script('read', delays(set.clock, 5 * SECOND));
    await set.clock.advance(10 * MINUTE + SECOND);
    const { attempt, nextRefreshAt } = set.statusOf('KEY')!;
    expect([attempt, nextRefreshAt]).toEqual([{ kind: 'reading', since: due }, undefined]);
    await set.clock.advance(10 * SECOND);
    expect(set.statusOf('KEY')).not.toHaveProperty('attempt');
    expect(set.statusOf('KEY')!.nextRefreshAt!.getTime() - set.clock.wall()).toBeGreaterThan(9 * MINUTE);
  });

  it('given a reading by force ahead of its time, when asked, then the next one is still told; given one that failed, when asked, then its next try is', async () => {
    const set = scripted({ cache: { maxAge: '10m' }, refresh: { jitter: 0 }, retry: { base: '8s', factor: 1 } });
    set.backend.set('KEY', { value: 'x' });
    await set.start('KEY');
    set.backend.script('read', delays(set.clock, 5 * SECOND));
    const refreshing = set.client.refresh('KEY');
    await set.clock.advance(SECOND);
    expect(set.statusOf('KEY')).toMatchObject({
      attempt: { kind: 'reading' },
      nextRefreshAt: expect.any(Date) as Date,
    });
    await set.clock.advance(5 * SECOND);
    await refreshing;
    set.backend.script('read', down);
    await set.client.refresh('KEY');
    expect(set.statusOf('KEY')!.nextRefreshAt!.getTime() - set.clock.wall()).toBe(4 * SECOND);
  });
});

describe('one door', () => {
  it.each(['refresh()', 'fetchSecrets()', 'fetch()', 'withSecret'])(
    'given a due lease that is being renewed, when %s asks, then it joins, and nothing is opened',
    async (kind) => {
      const set = await ready();
      set.backend.script('renew', delays(set.clock, 5 * SECOND));
      await set.clock.advance(7.2 * MINUTE + SECOND);
      expect(set.statusOf('DB')?.attempt?.kind).toBe('renewal');
      const asked = ask(set, kind);
      await set.readers.work(10 * SECOND, SECOND);
      await asked;
      expect([set.backend.opened, set.backend.count('renew')]).toEqual([['DB-1'], 1]);
      expect(set.readers.seen()).toEqual(['DB-1']);
    },
  );

  it.each(['refresh()', 'fetchSecrets()', 'fetch()', 'withSecret'])(
    'given a due lease that is being read, when %s asks, then it joins, and it is opened once',
    async (kind) => {
      const set = await ready();
      set.backend.always.renew = refused;
      set.backend.script('read', delays(set.clock, 5 * SECOND));
      await set.clock.advance(7.2 * MINUTE + SECOND);
      expect(set.statusOf('DB')?.attempt?.kind).toBe('reading');
      const asked = ask(set, kind);
      await set.readers.work(10 * SECOND, SECOND);
      await asked;
      expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
      expect(set.backend.count('renew')).toBe(1);
    },
  );

  it.each(['refresh()', 'fetchSecrets()'])(
    'given statics and a lease that are overdue together, when %s asks and the job wakes, then the lease is renewed once, and nothing is opened',
    async (kind) => {
      for (const order of ['asked first', 'job first']) {
        const set = await ready({ cache: { maxAge: '5m' } });
        set.clock.jump(9 * MINUTE);
        if (order === 'job first') set.clock.freeze(0);
        const asked = ask(set, kind);
        set.clock.freeze(0);
        await set.readers.work(SECOND, 100);
        await asked;
        expect([order, set.backend.opened, set.backend.count('renew')]).toEqual([order, ['DB-1'], 1]);
        expect(set.backend.most).toBe(1);
      }
    },
  );

  it('given an idle lease fetched on demand, when it is asked for again in its last third, then it is renewed, not opened', async () => {
    for (const read of ['get', 'fetch'] as const) {
      const set = scripted({}, { can: ['renew'] });
      set.backend.set('DB', { lease: 10 * MINUTE, renewable: true });
      await set.start();
      await set.client.fetch('DB');
      await set.clock.advance(8 * MINUTE);
      expect(set.backend.count('renew')).toBe(0); // nobody asks for it
      if (read === 'get') set.client.get('DB');
      else await set.client.fetch('DB');
      await set.clock.advance(SECOND);
      expect([read, set.backend.opened, set.backend.count('renew')]).toEqual([read, ['DB-1'], 1]);
      await set.clock.advance(5 * MINUTE);
      expect(await set.client.fetch('DB')).toEqual({ user: 'DB-1' });
    }
  });

  it('given `refresh()` of all, when a lease is not due, then it is neither opened nor renewed; by name it is opened', async () => {
    const set = await ready();
    await set.clock.advance(MINUTE);
    await set.client.refresh();
    await set.client.exists('DB').catch(() => undefined);
    await set.client.list();
    expect([set.backend.opened.length, set.backend.count('renew')]).toEqual([1, 0]);
    await set.client.refresh('DB');
    expect(set.backend.opened).toHaveLength(2);
  });

  it('given a renewal under way, when `refresh(name)` asks, then new credentials are opened after it, once', async () => {
    const set = await ready();
    set.backend.script('renew', delays(set.clock, 5 * SECOND));
    await set.clock.advance(7.2 * MINUTE + SECOND);
    const asked = Promise.all([set.client.refresh('DB'), set.client.refresh('DB')]);
    await set.clock.advance(5 * SECOND);
    await asked;
    expect(set.backend.opened).toEqual(['DB-1', 'DB-2']);
    await set.clock.advance(HOUR);
    expect(set.backend.opened).toHaveLength(2);
  });
});

function ask({ client }: ReturnType<typeof scripted>, kind: string): Promise<unknown> {
  if (kind === 'refresh()') return client.refresh();
  if (kind === 'fetchSecrets()') return client.fetchSecrets();
  if (kind === 'fetch()') return client.fetch('DB');
  return client.withSecret('DB', (value) => Promise.resolve(value));
}
