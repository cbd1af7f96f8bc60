import { inspect } from 'node:util';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import type { SecretError } from '../../lib/core/errors/index.js';
import {
  SecretAccessDeniedError,
  SecretAuthenticationError,
  SecretNotFoundError,
  SecretSourceUnavailableError,
} from '../../lib/core/errors/index.js';
import type { SecretEvent } from '../../lib/core/refresh/secret-events.js';
import { Lease } from '../../lib/core/secret/lease.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import type { SourceEvent } from '../../lib/core/source/source-event.js';
import type { SecretSource } from '../../lib/core/source/secret-source.js';
import { firstOf } from '../../lib/sources/first-of/index.js';
import { FakeClock } from '../support/fake-clock.js';

const HOUR = 3_600_000;

/** A source with a token and one leased secret, which does what the test says. */
function play(wrap: (source: SecretSource) => SecretSource = (source) => source) {
  const clock = new FakeClock();
  const faults: { read?: SecretError | undefined; renew?: SecretError | undefined } = {};
  const log: string[] = [];
  const listeners = new Set<(event: SourceEvent) => void>();
  let opened = 0;
  let granted = 1;
  const inner: SecretSource = {
    kind: 'played',
    read(names) {
      if (faults.read) return Promise.reject(faults.read);
      opened += 1;
      const lease = Lease.of({ id: `lease-${opened}`, duration: '1h', renewable: true });
      const version = SecretVersion.of(`canary-value-${opened}`, { version: `v${opened}`, lease });
      return Promise.resolve(new Map(names.map((name) => [name, version])));
    },
    renew(lease) {
      if (faults.renew) return Promise.reject(faults.renew);
      return Promise.resolve(Lease.of({ id: lease.id, duration: HOUR * granted, renewable: true }));
    },
    observe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const add = (line: string): void => void log.push(line);
  const warnings: string[] = [];
  const warn = (line: string): void => {
    warnings.push(line);
    add(line);
  };
  const logger = { error: add, warn, log: add, debug: () => undefined };
  const runtime = new SecretRuntime({ source: wrap(inner), clock, random: () => 0.5, logger });
  const client = new HcpVaultClient(runtime);
  const seen: SecretEvent[] = [];
  let completed = false;
  client.events$.subscribe({ next: (event) => seen.push(event), complete: () => (completed = true) });
  return {
    clock,
    faults,
    log,
    warnings,
    listeners,
    runtime,
    client,
    seen,
    grant: (share: number) => (granted = share),
    tell: (event: Omit<SourceEvent, 'source'>) => listeners.forEach((tell) => tell({ source: 'played', ...event })),
    types: () => seen.splice(0).map(({ type }) => type),
    isCompleted: () => completed,
    async start() {
      await runtime.bootstrap([{ name: 'DB', need: 'required' }], 'decorated');
      runtime.start();
    },
  };
}

describe('events of a connection', () => {
  it('given a lease that is extended, nears its maximum and is replaced, when told, then each step is there with its end', async () => {
    const set = play();
    await set.start();
    expect(set.seen).toEqual([
      {
        type: 'loaded',
        connection: 'default',
        source: 'played',
        name: 'DB',
        version: 'v1',
        expiresAt: new Date(set.clock.wall() + HOUR),
        at: new Date(set.clock.wall()),
      },
    ]);
    await set.clock.advance(0.8 * HOUR);
    expect(set.types()).toEqual(['loaded', 'lease-renewed']);
    set.grant(0.5);
    await set.clock.advance(0.8 * HOUR);
    expect(set.types()).toEqual(['lease-ending', 'rotated']);
    expect(set.client.status()[0]?.events.map(({ type, version }) => [type, version])).toEqual([
      ['loaded', 'v1'],
      ['lease-renewed', 'v1'],
      ['lease-ending', 'v1'],
      ['rotated', 'v2'],
    ]);
  });

  it('given a source that is away, then back, when told, then failures say when it is tried again, status() remembers what was before, and the log has a line for each', async () => {
    const set = play();
    await set.start();
    set.types();
    set.faults.read = set.faults.renew = new SecretSourceUnavailableError('away.');
    await set.clock.advance(0.8 * HOUR);
    const failures = set.seen.filter(({ type }) => type === 'lease-renewal-failed');
    expect(failures.length).toBeGreaterThan(5);
    const [first] = failures;
    expect(first?.error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(first?.retryAt?.getTime()).toBeGreaterThan(first!.at.getTime());
    expect(set.client.status()[0]?.events.map(({ type }) => type)).toEqual(['loaded', 'lease-renewal-failed']);
    expect(set.log).toEqual([expect.stringMatching(/^Secret "DB" .*away/)]);
    set.faults.read = set.faults.renew = undefined;
    await set.clock.advance(0.1 * HOUR);
    expect(set.client.status()[0]?.events.map(({ type }) => type)).toEqual([
      'loaded',
      'lease-renewal-failed',
      'recovered',
      'lease-renewed',
    ]);
    expect(set.log).toHaveLength(2);
    expect(set.log[1]).toMatch(/back: DB/);
    set.faults.read = set.faults.renew = new SecretSourceUnavailableError('away again.');
    await set.clock.advance(0.8 * HOUR);
    expect(set.log).toHaveLength(3);
  });

  it('given a refused renewal and a reading that fails until the lease is over, when told, then `lease-ending`, `failed` and `ended`', async () => {
    const set = play();
    await set.start();
    set.types();
    set.faults.renew = new SecretNotFoundError('gone.');
    set.faults.read = new SecretAccessDeniedError('no.');
    await set.clock.advance(1.1 * HOUR);
    expect(set.seen[0]).toMatchObject({ type: 'lease-ending', error: { code: 'SECRET_NOT_FOUND' } });
    expect(new Set(set.types())).toEqual(new Set(['lease-ending', 'failed', 'ended']));
  });

  it('given a source’s own token, when logins and renewals are told, then status() shows how it stands, and the log has a line when it fails and one when it is well', async () => {
    const set = play();
    const end = new Date(set.clock.wall() + HOUR);
    set.tell({ type: 'logged-in', expiresAt: end });
    await set.start();
    const session = () => set.client.status()[0]?.session;
    expect(session()).toEqual({ loggedInAt: new Date(set.clock.wall()), expiresAt: end });
    const error = new SecretAuthenticationError('refused.');
    set.tell({ type: 'token-renewal-failed', error });
    set.tell({ type: 'login-failed', error });
    expect(session()).toMatchObject({ expiresAt: end, lastError: { code: 'SECRET_AUTHENTICATION' } });
    expect(set.log).toEqual([expect.stringContaining('refused.')]);
    set.tell({ type: 'token-renewed', expiresAt: end });
    expect(session()).toMatchObject({ renewedAt: new Date(set.clock.wall()), loggedInAt: expect.any(Date) as Date });
    expect(session()).not.toHaveProperty('lastError');
    expect(set.log).toHaveLength(2);
    const told = set.seen.filter(({ name }) => name === undefined).map(({ type }) => type);
    expect(told).toEqual(['logged-in', 'token-renewal-failed', 'login-failed', 'token-renewed']);
  });

  it('given readings that fail for want of a token, when told, then the log says so once, and not again for each secret', async () => {
    const set = play();
    await set.start();
    const error = new SecretAuthenticationError('the login was refused.');
    set.faults.read = set.faults.renew = error;
    set.tell({ type: 'login-failed', error });
    await set.clock.advance(0.8 * HOUR);
    expect(set.log).toEqual([expect.stringContaining('the login was refused.')]);
    set.faults.read = set.faults.renew = undefined;
    set.tell({ type: 'logged-in' });
    await set.clock.advance(60_000);
    expect(set.log.slice(1)).toEqual([
      expect.stringMatching(/token .* is in order/),
      expect.stringMatching(/back: DB/),
    ]);
  });

  it('given tokens that can’t be revoked, when told, then that is one warning', async () => {
    const set = play();
    await set.start();
    const error = new SecretAccessDeniedError('no.');
    set.tell({ type: 'token-revocation-failed', error });
    set.tell({ type: 'token-revocation-failed', error });
    expect(set.log).toHaveLength(1);
    expect(set.log[0]).toContain(error.reason);
    expect(set.client.status()[0]?.session).toEqual({});
  });

  it('given a token that the app has given, when it would outlive the start, then that is told, and is not a warning; of others it is one', async () => {
    const set = play();
    await set.start();
    set.tell({ type: 'token-outlives-start', reason: 'The token was given.', isChosen: true });
    expect(set.log).toEqual([expect.stringContaining('The token was given.')]);
    expect(set.warnings).toEqual([]);
    expect(set.seen.at(-1)).toMatchObject({ type: 'token-outlives-start' });
    set.tell({ type: 'token-outlives-start', reason: 'It is a batch token.' });
    expect(set.warnings).toEqual([expect.stringContaining('It is a batch token.')]);
  });

  it('given a closing that can’t end a token, when told, then one line says until when it runs', async () => {
    const set = play();
    await set.start();
    const error = new SecretSourceUnavailableError('its token could not be revoked within 2 s.', { advice: '' });
    set.runtime.log.closing();
    set.tell({ type: 'token-revocation-failed', error, expiresAt: new Date('2030-01-02T03:04:05Z') });
    expect(set.warnings).toEqual(['its token could not be revoked within 2 s. It runs until 2030-01-02T03:04:05Z.']);
  });

  it('given firstOf, when a source within tells of its token, then the event passes, and is not a session of the whole', async () => {
    const set = play((source) => firstOf(source));
    await set.start();
    set.tell({ type: 'logged-in' });
    expect(set.seen.at(-1)).toMatchObject({ type: 'logged-in', source: 'played' });
    expect(set.client.status()[0]).not.toHaveProperty('session');
  });

  it('given an app that closes, when it has, then the stream is complete, and nobody listens at the source', async () => {
    const set = play();
    await set.start();
    expect(set.listeners.size).toBe(1);
    await set.runtime.shutdown();
    expect(set.isCompleted()).toBe(true);
    expect(set.listeners.size).toBe(0);
    expect(set.clock.pending).toBe(0);
  });

  it('given values, when events are printed, then none shows', async () => {
    const set = play();
    await set.start();
    await set.client.refresh('DB');
    expect(set.types()).toEqual(['loaded', 'rotated']);
    const text = inspect([set.seen, set.client.status(), set.runtime.events], { depth: 9 });
    expect(text + JSON.stringify([set.seen, set.client.status()])).not.toMatch(/canary/);
  });
});
