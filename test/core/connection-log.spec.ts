import { SecretAccessDeniedError, SecretAuthenticationError, SecretSourceUnavailableError } from 'nestjs-hcp-vault';
import { CapturedLogger } from '../support/captured-logger.js';
import { HOUR, MINUTE, scripted, SECOND } from '../support/scripted-connection.js';
import type { ScriptedOptions } from '../support/scripted-source.js';
import { channel, delays, fails, hangs } from '../support/scripted-source.js';

const down = (): SecretSourceUnavailableError => new SecretSourceUnavailableError('nothing listens.', { advice: '' });

function connection(options: Parameters<typeof scripted>[0] = {}, about: ScriptedOptions = {}) {
  const logger = new CapturedLogger();
  const set = scripted({ logger, retry: { base: '10s', factor: 1 }, ...options }, about);
  return { ...set, logger };
}

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g;
const untimed = (lines: readonly string[]): string[] => lines.map((line) => line.replaceAll(TIME, 'TIME'));

describe('what the log says of values that fail', () => {
  it('given static secrets that are held, when their source is away, then one line says that they stay, and when it is tried next', async () => {
    const set = connection();
    for (const name of ['A', 'B']) set.backend.set(name, { value: 'canary' });
    await set.start('A', 'B');
    set.backend.always.read = fails(down());
    await set.clock.advance(25 * MINUTE);
    expect(untimed(set.logger.at('warn'))).toEqual([
      'Secret "A" (connection "default", source scripted): nothing listens. (and 1 more) Their last values stay in use. The next try is at TIME.',
    ]);
    expect(set.logger.text).not.toContain('canary');
  });

  it('given one that is fetched while the source is away, when it was never there, then nobody is told that a value stays', async () => {
    const set = connection();
    await set.start();
    set.backend.always.read = fails(down());
    set.client.ref('NEW');
    await set.clock.advance(SECOND);
    expect(untimed(set.logger.at('warn'))).toEqual([
      'Secret "NEW" (connection "default", source scripted): nothing listens. There is no value to use. The next try is at TIME.',
    ]);
  });

  it('given one with a value and one without, when both fail, then the line says of how many a value stays', async () => {
    const set = connection();
    set.backend.set('OLD', { value: 'x' });
    await set.start('OLD');
    set.backend.always.read = fails(down());
    set.client.ref('NEW');
    void set.client.refresh('OLD');
    await set.clock.advance(SECOND);
    expect(untimed(set.logger.at('warn'))).toEqual([
      expect.stringContaining('(and 1 more) 1 of them have a value, which stays in use.'),
    ]);
  });

  it('given one that is denied, when that is told, then no next try is promised before the regular refresh', async () => {
    const set = connection({ refresh: { enabled: false } });
    set.backend.set('A', { value: 'x' });
    await set.start('A');
    set.backend.always.read = fails(new SecretAccessDeniedError('no.', { advice: '' }));
    await set.client.refresh('A');
    expect(set.logger.at('warn')).toEqual([
      'Secret "A" (connection "default", source scripted): no. The last value stays in use.',
    ]);
  });

  it('given credentials with a lease, when new ones do not come, then a line says until when they serve, and an ERROR that they have ended', async () => {
    const set = connection({}, { can: ['revoke'] });
    set.backend.set('DB', { lease: HOUR });
    set.backend.set('STATIC', { value: 'x' });
    await set.start('DB', 'STATIC');
    set.backend.always.read = fails(down());
    const end = new Date(set.clock.wall() + HOUR).toISOString().replace('.000Z', 'Z');
    await set.clock.advance(50 * MINUTE);
    const told = set.logger.at('warn').find((line) => line.includes('"DB"'));
    expect(told).toContain(`The last value stays in use until ${end}.`);
    expect(set.logger.at('error')).toEqual([]);
    await set.clock.advance(11 * MINUTE);
    expect(set.logger.at('error')).toEqual([
      'Secret "DB" (connection "default", source scripted): its lease has ended, and the source has given no new value. Check that the source is up, and that it can be reached from here. The last reading: nothing listens.',
    ]);
    delete set.backend.always.read;
    await set.clock.advance(MINUTE);
    expect(set.logger.at('log')).toEqual([expect.stringMatching(/are back: .*DB/)]);
  });

  it('given many that may be stale for so long, when they end together, then that is one ERROR, with their names', async () => {
    const names = ['A', 'B', 'C'];
    const set = connection({ cache: { maxAge: '1m', maxStale: '1m' } });
    for (const name of names) set.backend.set(name, { value: 'x' });
    await set.start(...names);
    set.backend.always.read = fails(down());
    await set.clock.advance(3 * MINUTE);
    expect(set.logger.at('error')).toEqual([
      expect.stringMatching(/^Secret "A" .*older than `maxAge` and `maxStale`.*The same is true of B, C\.$/),
    ]);
    expect(set.logger.at('warn')).toHaveLength(1);
  });

  it('given credentials that nobody has asked for again, when their lease ends, then nobody is alarmed', async () => {
    const set = connection({}, { can: ['revoke'] });
    set.backend.set('DB', { lease: HOUR });
    await set.start();
    await set.client.fetch('DB');
    await set.clock.advance(2 * HOUR);
    expect(set.told('ended')).toHaveLength(1);
    expect(set.logger.lines).toEqual([]);
  });

  it('given a token that fails, when nothing is held, or something is, then the line says so', async () => {
    let tell: (error: SecretAuthenticationError) => void = () => undefined;
    const observe = (
      listener: (event: { type: 'login-failed'; source: string; error: SecretAuthenticationError }) => void,
    ) => {
      tell = (error) => listener({ type: 'login-failed', source: 'scripted', error });
      return () => undefined;
    };
    const about = { can: ['revoke'] as const, more: { observe: observe as never } };
    const refused = new SecretAuthenticationError('the login was refused.', { advice: '' });
    const empty = connection({}, about);
    await empty.start();
    tell(refused);
    expect(empty.logger.at('warn')).toEqual(['the login was refused.']);
    const held = connection({}, about);
    held.backend.set('DB', { lease: HOUR });
    held.backend.set('A', { value: 'x' });
    await held.start('DB', 'A');
    tell(refused);
    expect(untimed(held.logger.at('warn'))).toEqual([
      'the login was refused. The 2 secrets that are there stay in use, leased ones until they end (the first at TIME).',
    ]);
    const single = connection({}, about);
    single.backend.set('A', { value: 'x' });
    await single.start('A');
    tell(refused);
    expect(single.logger.at('warn')).toEqual(['the login was refused. The secret that is there stays in use.']);
  });

  it.each([
    [true, 'Changes are found by the regular refresh meanwhile.'],
    [false, 'Changes go unseen meanwhile.'],
  ])(
    'given a channel that is lost, when secrets are refreshed regularly: %s, then the line says %j',
    async (enabled, words) => {
      const { watch, announce } = channel();
      const set = connection({ refresh: { enabled } }, { more: { watch } });
      await set.start();
      announce.lost(new Error('canary'));
      expect(set.logger.at('warn')).toEqual([expect.stringContaining(words)]);
      expect(set.logger.text).not.toContain('canary');
    },
  );
});

describe('reasons without a full stop, as sources and apps write them', () => {
  it('given one, when a reading fails, values end, and a start waits, then each part of a line is a sentence', async () => {
    const set = connection({ cache: { maxAge: '1m', maxStale: '5m' } });
    for (const name of ['A', 'B']) set.backend.set(name, { value: 'x' });
    await set.start('A', 'B');
    set.backend.always.read = fails(new SecretSourceUnavailableError('store is down'));
    await set.clock.advance(HOUR);
    expect(set.logger.lines.length).toBeGreaterThan(1);
    for (const line of set.logger.lines) {
      expect(line).toMatch(/store is down\. [A-Z]/);
      expect(line).not.toMatch(/down [A-Z]/);
    }
  });
});

describe('what the log says of a start', () => {
  it('given a source that is away for a moment, when the start waits for it, then one line says so, and nobody is told that values stay', async () => {
    const set = connection();
    set.backend.set('A', { value: 'x' });
    set.backend.script('read', fails(down()), fails(down()));
    const starting = set.start('A');
    await set.clock.advance(29 * SECOND);
    await starting;
    expect(set.logger.lines).toEqual([
      'Secret "A" (connection "default", source scripted): nothing listens. The start waits for it, for 30 s at most.',
    ]);
  });

  it('given a source that can’t be watched, when the start fails by the same, then no line stands beside its error; when it goes well, one follows', async () => {
    const deaf = () => {
      throw new Error('canary');
    };
    const set = connection({ bootstrapTimeout: 0 }, { more: { watch: deaf } });
    set.backend.always.read = fails(down());
    const starting = set.start('A').catch(() => undefined);
    await set.clock.advance(MINUTE);
    await starting;
    expect(set.logger.text).not.toContain('watching');
    const well = connection({}, { more: { watch: deaf } });
    well.backend.set('A', { value: 'x' });
    await well.start('A');
    expect(well.logger.at('warn')).toEqual([expect.stringContaining('watching for changes failed.')]);
  });

  it('given a start that fails, when it has, then nothing is promised: no line, and no text, says that it is tried again', async () => {
    const set = connection({ bootstrapTimeout: '5s', retry: { base: '1s' } });
    set.backend.always.read = fails(new SecretSourceUnavailableError('nothing listens.'));
    const starting: Promise<unknown> = set.start('A').catch((error: Error) => error.message);
    await set.clock.advance(MINUTE);
    const text = `${String(await starting)}\n${set.logger.text}`;
    expect(text).not.toMatch(/again|stay in use/);
    expect(set.logger.lines).toHaveLength(1);
  });

  it('given a secret that is optional and denied, when the start goes well, then it is told once, after it', async () => {
    const set = connection();
    set.backend.set('A', { failure: new SecretAccessDeniedError('no.', { advice: '' }) });
    await set.runtime.bootstrap([{ name: 'A', need: 'preload' }], 'decorated');
    expect(untimed(set.logger.lines)).toEqual([
      'Secret "A" (connection "default", source scripted): no. There is no value to use. The next try is at TIME.',
    ]);
  });

  it.each([
    ['a reading that is cut off', hangs],
    ['a reading that answers a little later', 'later'],
    ['an opening that is waited for, and fails', 'fails late'],
  ])('given %s, when the app closes in its midst, then there is no warning', async (_, how) => {
    const set = connection({}, { can: ['revoke'] });
    set.backend.set('A', { value: 'x' });
    set.backend.set('DB', { lease: HOUR });
    await set.start('A', 'DB');
    const late = async () => {
      await new Promise<void>((resolve) => set.clock.setTimer(resolve, SECOND));
      return new Map([['DB', down()]]);
    };
    set.backend.always.read = typeof how !== 'string' ? how : how === 'later' ? delays(set.clock, SECOND) : late;
    const refreshing = Promise.all([set.client.refresh(), set.client.refresh('DB')]);
    await set.clock.advance(10);
    set.runtime.stop();
    const closing = set.runtime.shutdown();
    await set.clock.advance(MINUTE);
    await Promise.all([closing, refreshing]);
    expect(set.backend.count('read')).toBeGreaterThan(1);
    expect(set.logger.at('log', 'warn', 'error')).toEqual([]);
  });

  it('given a login that the closing cuts off, when its source tells so, then there is no warning', async () => {
    let tell = (): void => undefined;
    const observe = (listener: (event: object) => void) => {
      tell = () => listener({ type: 'login-failed', source: 'scripted', error: down() });
      return () => undefined;
    };
    const set = connection({}, { more: { observe: observe as never, close: async () => tell() } });
    await set.start();
    await set.runtime.shutdown();
    expect(set.logger.lines).toEqual([]);
  });

  it('given requests that drain, when a reading fails that nobody repeats, then there is no warning, but of a lease there is', async () => {
    const set = connection({}, { can: ['revoke'] });
    set.backend.set('A', { value: 'x' });
    set.backend.set('DB', { lease: HOUR });
    await set.start('A', 'DB');
    set.backend.always.read = fails(down());
    set.runtime.stop();
    await set.client.refresh('A');
    expect(set.logger.lines).toEqual([]);
    await set.client.refresh('DB');
    expect(set.logger.at('warn')).toEqual([expect.stringContaining('"DB"')]);
  });
});

describe('what the log says of a rotation', () => {
  it('given secrets that rotate together, when they have, then one line at debug level has names and versions, and no value', async () => {
    const set = connection();
    for (const name of ['A', 'B', 'C']) set.backend.set(name, { value: 'canary-1', version: '1' });
    await set.start('A', 'B', 'C');
    for (const name of ['A', 'B']) set.backend.set(name, { value: 'canary-2', version: '2' });
    await set.client.refresh();
    expect(set.logger.at('debug')).toEqual(['Rotated in "default": "A" from 1 to 2, "B" from 1 to 2.']);
    set.backend.set('C', { value: 'canary-3', version: '1' });
    await set.client.refresh();
    expect(set.logger.at('debug').slice(1)).toEqual(['Rotated in "default": "C" from 1 to 1.']);
    expect(set.logger.text).not.toContain('canary');
    expect(set.logger.at('log', 'warn', 'error')).toEqual([]);
  });

  it('given a version that would begin another line, when it is told, then it does not', async () => {
    const set = connection();
    set.backend.set('A', { value: 'x', version: '1' });
    await set.start('A');
    set.backend.set('A', { value: 'y', version: '2\n\u001b[31mforged' });
    await set.client.refresh();
    expect(set.logger.at('debug')).toEqual(['Rotated in "default": "A" from 1 to 2\ufffd\ufffd[31mforged.']);
  });
});
