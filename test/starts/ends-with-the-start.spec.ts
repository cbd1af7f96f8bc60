import { jest } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { CompiledPackage } from '../sample-app/compiled-package.js';
import { describeOnEachVault } from '../servers/available.js';
import { until } from '../sources/vault-source/support/app.js';
import type { VaultWithDatabase } from '../sources/vault-source/support/database.js';
import { setUpAppRole, startVaultWithDatabase } from '../sources/vault-source/support/database.js';
import { later } from '../support/starting-apps.js';
import { failEach, failInHooks } from './support/failing-here.js';
import { StartingProcess } from './support/starting-process.js';
import { nothing, WhatIsLeft } from './support/what-is-left.js';

/** In place of two minutes. */
const LIFE = 5_000;
/** Milliseconds more in which Vault ends what nobody renews. */
const GRACE = 10_000;
/** Starts at a time. */
const AT_ONCE = 3;

const renewal = 'POST /v1/auth/token/renew-self';
const opening = 'GET /v1/database/creds/app';

const failures = [
  'a factory, at once',
  'a factory, when told',
  'a factory, after the login is there',
  "a controller's constructor",
  'onModuleInit',
  'onApplicationBootstrap',
  'listen',
  'main, before it listens',
  'main, after it listens',
  'a timer, after it listens',
];

/** What a start that is killed has just reached. */
const moments: [string, (app: StartingProcess) => Promise<unknown>][] = [
  ['it was kept for longer than the short life', ({ front }) => front.answered(renewal, 3)],
  ['its token is shortened', ({ front }) => front.asked(renewal)],
  ['its token was shortened', ({ front }) => front.answered(renewal)],
  ['its login is opened', ({ front }) => front.asked(opening)],
  ['its login has been asked for a while ago', ({ front }) => front.asked(opening).then(() => later(5))],
  ['its login was opened', ({ front }) => front.answered(opening)],
  ['it has its login', (app) => app.reached('opened')],
  ['its hooks are called', (app) => app.reached('hooks are called')],
  ['it is made', (app) => app.reached('made')],
  ['it listens', (app) => app.reached('listening')],
];
/** Of the 20 those whose database user is there for certain when they end: 7 that fail, 6 that are killed. */
const SURELY_OPENED = 13;

const main = 'test/starts/fixtures/starting.main.ts';
const compiled = new CompiledPackage();
const program = compiled.write(main, readFileSync(main, 'utf8'));
afterAll(() => compiled.remove());

/** Does all, some at a time. */
async function work(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const queue = [...tasks];
  const worker = async (): Promise<void> => {
    for (let task = queue.shift(); task; task = queue.shift()) await task();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

// Real servers, and lives of seconds: on a machine that is busy elsewhere a token may end, or a start be killed, before it was shortened.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

describeOnEachVault(['postgresql'], 'starts against %s', (product) => {
  let servers: VaultWithDatabase;
  let left: WhatIsLeft;
  let login: { roleId: string; secretId: string };

  beforeAll(async () => {
    servers = await startVaultWithDatabase(product);
    left = new WhatIsLeft(servers.client, servers.postgres.connectionString);
    await left.setUp();
    // Of their own accord they live for half a day.
    login = await setUpAppRole(servers.client, { token_ttl: '12h', token_period: 0, token_type: 'service' });
  }, 60_000);
  afterAll(async () => {
    await left?.close();
    await servers?.stop();
  });

  beforeEach(() => left.clear());
  afterEach(() => StartingProcess.killAll());

  const begin = (failsAt = 'nowhere') =>
    StartingProcess.begin({ program, address: servers.server.address, login, startUpLife: LIFE, failsAt });

  async function fail(failsAt: string): Promise<void> {
    const app = await begin(failsAt);
    if (failsAt === 'a factory, when told') await app.front.asked(opening).then(() => app.tell('fail'));
    expect([failsAt, await app.ended()]).toEqual([failsAt, 1]);
  }

  async function kill([moment, reached]: (typeof moments)[number]): Promise<void> {
    const app = await begin();
    await Promise.race([reached(app), app.ended()]);
    app.kill();
    expect([moment, await app.ended(), app.output]).toEqual([moment, 'SIGKILL', '']);
  }

  const isLeft = (what: object) => async () => isDeepStrictEqual(await left.now(), what);

  test('given ten starts that fail elsewhere, ten that are killed and one that stays, when the short life is over, then only the last one has a database user, a lease and a token, until it closes', async () => {
    const staying = await begin();
    await staying.reached('listening');
    const [user, own] = [await staying.user(), await left.now()];
    expect(own).toEqual({ users: [user], leases: [expect.any(String)], tokens: [expect.any(String)] });

    await work([...moments.map((moment) => () => kill(moment)), ...failures.map((failsAt) => () => fail(failsAt))]);
    const others = (await left.ever()).filter((one) => one !== user);
    expect(others.length).toBeGreaterThanOrEqual(SURELY_OPENED);
    await until('only what is of the one that stays is left', isLeft(own), LIFE + GRACE);

    // It lives long past its short life, for it is renewed.
    const life = await left.lifeOf(own.tokens[0]!);
    expect(life).toBeGreaterThanOrEqual(0);
    expect(life).toBeLessThanOrEqual(LIFE / 1000);
    // The one that cut it, and at least two that kept it.
    expect(staying.front.count(renewal)).toBeGreaterThanOrEqual(3);
    expect([staying.front.count(opening), await staying.user()]).toEqual([1, user]);
    staying.tell('close');
    expect([await staying.ended(), staying.output]).toEqual([0, '']);
    expect((await left.now()).tokens).toEqual([]);
    await until('what the token leased has ended with it', isLeft(nothing), 2_000);
  }, 120_000);

  test('given starts that fail elsewhere in a process that lives on, when a second has passed, then nothing is left', async () => {
    const before = (await left.ever()).length;
    const starts = await failEach({ address: servers.server.address, login });
    await later(1_000);
    expect((await left.ever()).length - before).toBe(starts);
    expect(await left.now()).toEqual(nothing);
  });

  test("given another's hooks that fail in a process that lives on, when who made the app closes it, then nothing is left", async () => {
    const before = (await left.ever()).length;
    const apps = await failInHooks({ address: servers.server.address, login });
    expect((await left.ever()).length - before).toBe(apps.length);
    expect((await left.now()).users).toHaveLength(apps.length);
    await Promise.all(apps.map((app) => app.close()));
    await until('all has ended', isLeft(nothing), 2_000);
  });
});
