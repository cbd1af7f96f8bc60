import { jest } from '@jest/globals';
import pg from 'pg';
import type { SourceEvent } from '../../../lib/core/source/source-event.js';
import type { VaultClient, VaultSource } from '../../../lib/sources/vault/index.js';
import { appRole, databaseCredentials, token } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { PostgresServer } from '../../servers/postgres.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { FakeClock } from '../../support/fake-clock.js';
import { stopServers } from '../support/server.js';
import { until } from './support/app.js';
import { setRole, setUpAppRole, startVaultWithDatabase } from './support/database.js';
import { startRecordingFront } from './support/recording-front.js';
import { closeSources, sourceOf, valueOf } from './support/sources.js';

// Real servers, real lives of seconds: on a machine that is busy elsewhere a token may end before its renewal is there.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

/** In place of two minutes. */
const LIFE = 3_000;
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

describeOnEachVault(['postgresql'], 'vault() against %s while an app starts', (product) => {
  let server: VaultServer;
  let postgres: PostgresServer;
  let client: VaultClient;
  let stop: (() => Promise<void>) | undefined;
  let database: pg.Pool;

  beforeAll(async () => {
    ({ server, postgres, client, stop } = await startVaultWithDatabase(product));
    database = new pg.Pool({ connectionString: postgres.connectionString });
    database.on('error', () => undefined); // the server may be gone before a connection that ends has noticed
    await setRole(client, { defaultTtl: '1h', maxTtl: '24h' });
  }, 60_000);
  afterEach(async () => {
    await closeSources();
    await stopServers();
  });
  afterAll(async () => {
    await database?.end();
    await stop?.();
  });

  const accessors = async () => (await client.list('auth/token/accessors')).data.keys;
  const lifeOf = async (accessor: string) =>
    (await client.write<{ ttl: number }>('auth/token/lookup-accessor', { accessor })).data.ttl;
  const isThere = async (user: string) =>
    (await database.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [user])).rowCount === 1;

  interface Opened {
    readonly source: VaultSource;
    readonly events: readonly SourceEvent[];
    /** Ends the start. */
    readonly started: () => void;
    readonly user: string;
    /** Of the token that was logged in for. */
    readonly accessor: string;
  }

  /** A source that logs in, in a start, and opens credentials of the database. */
  async function open(options: Partial<Parameters<typeof sourceOf>[0]> = {}, role: object = {}): Promise<Opened> {
    const auth = appRole(
      await setUpAppRole(client, { token_ttl: '1h', token_period: 0, token_type: 'service', ...role }),
    );
    const secrets = { DB: databaseCredentials('app') };
    const source = sourceOf({ address: server.address, auth, secrets, startUpLife: LIFE, ...options });
    const events: SourceEvent[] = [];
    source.observe((event) => void events.push(event));
    const started = source.startUp();
    const before = new Set(await accessors());
    const { username: user } = (await valueOf(source, 'DB')) as { username: string };
    const [accessor = ''] = (await accessors()).filter((one) => !before.has(one));
    return { source, events, started, user, accessor };
  }
  const told = (events: readonly SourceEvent[]) => events.filter(({ type }) => type === 'token-outlives-start');

  test('given a start that takes longer than the short life, when it goes on, then token and database user live, a short life ahead at most; after it the whole life is back', async () => {
    const front = await startRecordingFront(server.address);
    const { started, user, accessor, events } = await open({ address: front.address });
    const renewals = () => front.count('POST', '/v1/auth/token/renew-self');
    expect(renewals()).toBe(1);
    const until = Date.now() + 2.5 * LIFE;
    let looks = 0;
    while (Date.now() < until) {
      const life = await lifeOf(accessor);
      expect(life).toBeGreaterThanOrEqual(0);
      expect(life).toBeLessThanOrEqual(LIFE / 1000);
      expect(await isThere(user)).toBe(true);
      looks += 1;
      await pause(100);
    }
    expect(looks).toBeGreaterThan(20);
    const kept = renewals() - 1;
    // Each at 67 to 77 % of the short life.
    expect(kept).toBeGreaterThanOrEqual(3);
    expect(kept).toBeLessThanOrEqual(4);
    started();
    started();
    await pause(500);
    expect(renewals()).toBe(kept + 2);
    expect(await lifeOf(accessor)).toBeGreaterThan(3_590);
    await pause(LIFE + 1_000);
    expect(await lifeOf(accessor)).toBeGreaterThan(3_580);
    expect(await isThere(user)).toBe(true);
    expect(renewals()).toBe(kept + 2);
    expect(front.count('POST', '/v1/auth/approle/login')).toBe(1);
    expect(front.count('GET', '/v1/database/creds/app')).toBe(1);
    expect(events.map(({ type }) => type)).toEqual([
      'logged-in',
      ...Array.from({ length: kept + 1 }, () => 'token-renewed'),
    ]);
    expect(events.at(-1)!.expiresAt!.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
  }, 60_000);

  test('given a start whose process is gone, so that nothing is renewed, when the short life is over, then token and database user are gone within ten seconds', async () => {
    // No timer of this clock fires.
    const { accessor, user } = await open({ clock: new FakeClock() });
    expect(await lifeOf(accessor)).toBeLessThanOrEqual(LIFE / 1000);
    expect(await isThere(user)).toBe(true);
    await until(
      'both are gone',
      async () => !(await accessors()).includes(accessor) && !(await isThere(user)),
      LIFE + 10_000,
    );
  }, 40_000);

  test('given another login in a start, as the token was revoked, when it is done, then that is short too, and observers are told which leases end', async () => {
    const { source, events, accessor, started } = await open();
    const before = new Set(await accessors());
    await client.write('auth/token/revoke-accessor', { accessor });
    await until('another login', () => events.filter(({ type }) => type === 'logged-in').length === 2);
    await until('it is told', () => events.some(({ type }) => type === 'leases-ending'));
    expect(events.filter(({ type }) => type === 'leases-ending')).toEqual([
      { type: 'leases-ending', source: 'vault', names: ['DB'] },
    ]);
    const [another = ''] = (await accessors()).filter((one) => !before.has(one));
    expect(await lifeOf(another)).toBeLessThanOrEqual(LIFE / 1000);
    const { username } = (await valueOf(source, 'DB')) as { username: string };
    started();
    await until('the whole life', async () => (await lifeOf(another)) > 3_500);
    await pause(LIFE + 1_000);
    expect(await isThere(username)).toBe(true);
  }, 40_000);

  test('given a source that is closed in a start, when it is, then token and database user are gone at once', async () => {
    const { source, accessor, user, started } = await open();
    await source.close();
    started();
    expect(await accessors()).not.toContain(accessor);
    await until('the user is gone', async () => !(await isThere(user)));
  }, 30_000);

  test('given tokens that are not to be shortened, when a start uses one, then it is told once that it outlives the start, and why; it goes on as it is', async () => {
    const { auth: given } = await client.auth.token.create({ policies: ['app'], ttl: '2h' });
    const opened = [
      { reason: /batch tokens/, ...(await open({}, { token_type: 'batch' })) },
      { reason: /granted the token 3600 s where 3 s were asked for/, ...(await open({}, { token_period: '1h' })) },
      { reason: /refuses to shorten the token \(HTTP 403\)/, ...(await open({}, { token_no_default_policy: true })) },
      { reason: /given, and is not ours/, ...(await open({ auth: token(given.client_token) })) },
    ];
    await pause(LIFE + 1_000);
    for (const { source, events, started, user, reason } of opened) {
      expect(await isThere(user)).toBe(true);
      await valueOf(source, 'DB');
      started();
      await pause(100);
      expect(told(events)).toMatchObject([{ source: 'vault', reason: expect.stringMatching(reason) as string }]);
      expect(told(events)[0]!.isChosen ?? false).toBe(/given/.test(reason.source));
      expect(told(events)[0]!.expiresAt!.getTime()).toBeGreaterThan(Date.now() + 3_000_000);
      expect(events.filter(({ type }) => type === 'logged-in')).toHaveLength(1);
      expect(JSON.stringify(events)).not.toContain(given.client_token);
    }
    expect(await lifeOf(given.accessor)).toBeGreaterThan(7_100);
  }, 30_000);

  test('given tokens of a short life, when a start logs in, then they are left alone', async () => {
    const front = await startRecordingFront(server.address);
    await open({ address: front.address, startUpLife: 3_600_000 });
    expect(front.count('POST', '/v1/auth/token/renew-self')).toBe(0);
  }, 30_000);
});
