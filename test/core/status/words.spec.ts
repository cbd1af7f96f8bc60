import { spanText } from '../../../lib/core/status/span-text.js';
import type { ConnectionReport } from '../../../lib/core/status/status-report.js';
import { headlineOf, noCounts, verdictOf } from '../../../lib/core/status/verdict.js';
import type { StalenessFacts } from '../../../lib/core/status/why-stale.js';
import { whyStale } from '../../../lib/core/status/why-stale.js';

const at = new Date('2026-05-01T12:00:00Z');
const before = (seconds: number): Date => new Date(at.getTime() - seconds * 1000);

describe('why a secret stands as it does', () => {
  const facts = { source: 'vault', loadedAt: before(3_600), nextRefreshAt: before(-60) };
  it.each<[Partial<StalenessFacts> & Pick<StalenessFacts, 'standing'>, string | undefined]>([
    [{ standing: 'current' }, undefined],
    [{ standing: 'unread' }, undefined],
    [{ standing: 'current', isPaused: true }, 'Readings are paused; the value is that of 2026-05-01T11:00:00Z.'],
    [
      { standing: 'stale', lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } },
      'Vault did not answer; the value of 2026-05-01T11:00:00Z stays in use; the next try is at 2026-05-01T12:01:00Z.',
    ],
    [
      { standing: 'unread', loadedAt: undefined, lastError: { code: 'SECRET_SOURCE_UNAVAILABLE' } },
      'Vault did not answer; there is no value to use; the next try is at 2026-05-01T12:01:00Z.',
    ],
    [
      { standing: 'failing', lastError: { code: 'SECRET_NOT_FOUND' }, attempt: { kind: 'reading', since: at } },
      'Vault has no such secret any more; the value of 2026-05-01T11:00:00Z stays in use; it is being read now.',
    ],
    [
      { standing: 'failing', lastError: { code: 'SECRET_VALIDATION' }, isPaused: true },
      'The new value was refused by the schema or the hook; the value of 2026-05-01T11:00:00Z stays in use; readings are paused.',
    ],
    [
      { standing: 'ended', lease: { expiresAt: before(5) }, nextRefreshAt: undefined },
      'Its lease has ended; nothing is served in its place; nothing reads it but a call.',
    ],
    [
      { standing: 'ended', lease: { expiresAt: before(5) }, lastError: { code: 'SECRET_ACCESS_DENIED' } },
      'Vault denies access to it; its lease ended at 2026-05-01T11:59:55Z; the next try is at 2026-05-01T12:01:00Z.',
    ],
    [
      { standing: 'missing', loadedAt: undefined, lastError: { code: 'SECRET_NOT_FOUND' } },
      'Vault has no such secret; the next try is at 2026-05-01T12:01:00Z.',
    ],
  ])('given %j, when it is asked, then the answer is one sentence', (given, said) =>
    expect(whyStale({ ...facts, ...given })).toBe(said),
  );

  it('given a source of somebody else, when it is named, then a code like a property of every object does no harm', () => {
    const said = whyStale({
      ...facts,
      source: 'constructor',
      standing: 'stale',
      lastError: { code: 'SECRET_THROTTLED' },
    });
    expect(said).toContain('Constructor asked for fewer requests');
  });
});

describe('the verdict', () => {
  const found = (counts: Partial<ReturnType<typeof noCounts>>, more: object = {}) => ({
    counts: { ...noCounts(), ...counts },
    resources: [],
    isDeaf: false,
    isLoggedOut: false,
    ...more,
  });

  it.each([
    [found({ current: 12 }), 'All 12 secrets are current.'],
    [found({ current: 1 }), 'The secret is current.'],
    [found({}), 'No secrets are known yet.'],
    [found({ current: 9, missing: 1 }), '9 secrets are current, 1 is not there.'],
    [found({ current: 8, stale: 2 }), 'Of 10 secrets, 2 are stale; their last values serve.'],
    [
      found({ current: 8, failing: 1, stale: 1 }),
      'Of 10 secrets, 1 is stale and 1 could not be read last; their last values serve.',
    ],
    [found({ current: 9, ended: 1 }), 'Of 10 secrets, 1 has ended and is not served.'],
    [
      found({ current: 2 }, { resources: [{ state: 'failed', isAlive: true }] }),
      'All 2 secrets are current; 1 resource could not be rebuilt.',
    ],
    [
      found({ current: 2 }, { resources: [{ state: 'building', isAlive: false }] }),
      'All 2 secrets are current; 1 resource is not there.',
    ],
    [found({ current: 2 }, { resources: [{ state: 'closed', isAlive: false }] }), 'All 2 secrets are current.'],
    [found({ current: 2 }, { isDeaf: true }), 'All 2 secrets are current; announcements of changes are lost.'],
    [
      found({ current: 2 }, { isDeaf: true, isLoggedOut: true }),
      'All 2 secrets are current; announcements of changes are lost and the login at the source fails.',
    ],
  ] as const)('given %j, when it is said, then it is one sentence: %s', (given, headline) => {
    expect(headlineOf(given)).toBe(headline);
  });

  const connection = (given: Partial<ConnectionReport>): ConnectionReport => ({
    connection: 'default',
    source: 'vault',
    title: 'Vault',
    level: 'ok',
    headline: 'All 12 secrets are current.',
    counts: { ...noCounts(), current: 12 },
    nextRefreshAt: before(-250),
    isPaused: false,
    lastAnswerAt: before(3),
    consecutiveFailures: 0,
    channel: 'none',
    channels: [],
    caches: [],
    ...given,
  });

  it.each<[string, ConnectionReport[], string]>([
    ['all well', [connection({})], 'All 12 secrets are current. Vault answered 3 s ago. Next refresh in 4 min.'],
    [
      'an outage',
      [
        connection({
          consecutiveFailures: 2,
          lastAnswerAt: before(400),
          lastFailure: { at, code: 'SECRET_SOURCE_UNAVAILABLE' },
        }),
      ],
      'All 12 secrets are current. Vault has not answered for 6 min. Next refresh in 4 min.',
    ],
    [
      'a pause',
      [connection({ isPaused: true })],
      'All 12 secrets are current. Vault answered 3 s ago. Readings are paused.',
    ],
    [
      'two connections',
      [connection({}), connection({ title: 'the environment', lastAnswerAt: before(9) })],
      'All 24 secrets are current. Vault answered 3 s ago. The environment answered 9 s ago. Next refresh in 4 min.',
    ],
    [
      'many connections',
      Array.from({ length: 4 }, (_, index) => connection({ consecutiveFailures: index === 0 ? 1 : 0 })),
      'All 48 secrets are current. 1 of 4 sources do not answer. Next refresh in 4 min.',
    ],
  ])('given %s, when it is said, then it is said in words', (_, connections, text) => {
    expect(verdictOf(connections, [], at).text).toBe(text);
  });
});

describe('a span', () => {
  it.each([
    [-5, '0 s'],
    [59_999, '59 s'],
    [60_000, '1 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [36_000_000 + 60_000, '10 h'],
    [90_000_000, '1 d 1 h'],
  ])('given %i ms, when it is said, then it is %s', (span, text) => expect(spanText(span)).toBe(text));
});
