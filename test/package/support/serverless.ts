import { setTimeout as sleep } from 'node:timers/promises';
import { HcpVaultSecretsEmulator } from '../../../lib/testing/index.js';
import { FrozenFunction, type FunctionAnswer } from './frozen-function.js';

/** Longer than the function's `maxAge` and the lease (1 and 2 s), a call's time-out, and what counts as late. */
const FROZEN = 2_400;

const seed = {
  clientId: 'made-up-id',
  clientSecret: 'made-up-secret',
  organizationId: 'made-up-organization',
  projectId: 'made-up-project',
  apps: { shop: { KEY: 'key-1', DB: { type: 'dynamic' as const, values: { user: 'user' }, ttl: '2s' } } },
};

interface Frozen {
  emulator: HcpVaultSecretsEmulator;
  readonly lambda: FrozenFunction;
}

interface Scenario {
  /** Between the first call and the pause. */
  readonly before?: (frozen: Frozen) => Promise<unknown>;
  /** While it is frozen. */
  readonly meanwhile: (frozen: Frozen) => Promise<unknown> | void;
}

export interface Seen {
  readonly first: FunctionAnswer;
  readonly thawed: FunctionAnswer;
  /** Paths of the requests since the pause. */
  readonly requests: readonly string[];
  /** How often credentials were opened since the pause. */
  readonly opened: number;
  readonly code: number | null;
  readonly printed: string;
}

/** Requests for secrets, and logins, in the order of the alphabet. */
const pathsSince = ({ requests }: HcpVaultSecretsEmulator, from: number): string[] =>
  requests
    .slice(from)
    .map(({ path }) => path.replace(/.*\/(?=[^/]*$)/, ''))
    .sort();

async function seen(bundle: string, { before, meanwhile }: Scenario): Promise<Seen> {
  const emulator = await HcpVaultSecretsEmulator.start(seed);
  const lambda = new FrozenFunction(bundle, emulator.environment);
  const frozen: Frozen = { emulator, lambda };
  try {
    const first = await lambda.call();
    await before?.(frozen);
    lambda.freeze();
    const from = emulator.requests.length;
    const openedBefore = emulator.opened('shop', 'DB');
    await Promise.all([meanwhile(frozen), sleep(FROZEN)]);
    const thawed = await lambda.thaw();
    const isSame = frozen.emulator === emulator;
    const requests = pathsSince(frozen.emulator, isSame ? from : 0);
    const opened = frozen.emulator.opened('shop', 'DB') - (isSame ? openedBefore : 0);
    return { first, thawed, requests, opened, code: await lambda.end(), printed: lambda.printed };
  } finally {
    lambda.kill();
    await frozen.emulator.stop();
  }
}

const rotate = ({ emulator }: Frozen): void => emulator.setSecret('shop', 'KEY', 'key-2');

/** The job asks, and is not answered before the process stands still. */
async function whileAsking({ emulator }: Frozen): Promise<void> {
  const from = emulator.requests.length;
  emulator.fail({ delay: 300 });
  for (let waited = 0; emulator.requests.length === from && waited < 2_000; waited += 5) await sleep(5);
}

/** What listens there afterwards knows neither connections nor tokens from before. */
async function restart(frozen: Frozen): Promise<void> {
  const { apiUrl } = frozen.emulator;
  await frozen.emulator.stop();
  const given = { ...seed, apps: { shop: { ...seed.apps.shop, KEY: 'key-2' } } };
  frozen.emulator = await HcpVaultSecretsEmulator.start(given, { port: Number(new URL(apiUrl).port) });
}

const SCENARIOS: Record<'rotated' | 'asking' | 'restarted' | 'down', Scenario> = {
  rotated: { meanwhile: rotate },
  asking: {
    before: whileAsking,
    meanwhile: (frozen) => {
      frozen.emulator.recover();
      rotate(frozen);
    },
  },
  restarted: { meanwhile: restart },
  down: { meanwhile: ({ emulator }) => emulator.fail({ status: 503 }) },
};

/** All static secrets in one request, credentials whose lease has ended, and what a slow machine makes due meanwhile: the exact counts are those of test/core/freezes. */
const FEW = 4;

/** Registers tests of a function that is frozen and thawed. @param bundles its bundles, by what made them; all of them are frozen at once. */
export function testFrozenFunctions(title: string, bundles: Record<string, string>): void {
  describe.each(Object.entries(bundles))(`${title}, bundled to one file by %s`, (_, bundle) => {
    let seenOf: Record<keyof typeof SCENARIOS, Seen>;
    beforeAll(async () => {
      const names = Object.keys(SCENARIOS) as (keyof typeof SCENARIOS)[];
      const all = await Promise.all(names.map(async (name) => [name, await seen(bundle, SCENARIOS[name])] as const));
      seenOf = Object.fromEntries(all) as typeof seenOf;
    });

    it('given secrets that rotate, and a lease that ends, while it is frozen, when it is called, then the call has the new ones, for few requests', () => {
      const { first, thawed, requests, opened } = seenOf.rotated;
      expect(first).toMatchObject({ key: 'key-1', property: 'key-1' });
      expect(thawed).toMatchObject({
        key: 'key-2',
        property: 'key-2',
        user: expect.stringMatching(/^user-\d$/),
        stale: [],
      });
      expect(thawed.user).not.toBe(first.user);
      expect(requests).toEqual(expect.arrayContaining(['DB:open', 'secrets:open']));
      expect([requests.length <= FEW, opened]).toEqual([true, 1]);
    });

    it('given a request under way when it is frozen, when it is called, then its answer does not count, and it is asked anew', () => {
      const { thawed, requests, opened } = seenOf.asking;
      expect(thawed).toMatchObject({ key: 'key-2', property: 'key-2', stale: [] });
      expect(requests).toEqual(expect.arrayContaining(['DB:open', 'secrets:open']));
      expect([requests.length <= FEW, opened]).toEqual([true, 1]);
    });

    it('given a server that knows neither its connections nor its token any more, when it is called, then it connects and logs in anew', () => {
      const { thawed, requests, opened } = seenOf.restarted;
      expect(thawed).toMatchObject({ key: 'key-2', property: 'key-2', user: 'user-1', stale: [] });
      expect([requests.filter((path) => path === 'token'), opened]).toEqual([['token'], 1]);
      expect(requests.length).toBeLessThanOrEqual(5);
    });

    it('given a source that is down, when it is called, then the old value serves, and credentials past their end do not', () => {
      const { thawed, requests } = seenOf.down;
      expect(thawed).toMatchObject({
        key: 'key-1',
        property: 'key-1',
        user: 'SECRET_SOURCE_UNAVAILABLE',
        stale: expect.arrayContaining(['KEY']),
      });
      expect(requests.length).toBeLessThanOrEqual(4);
    });

    it('given any of these, when it goes on, then few timers fire, no rejection is left, and it ends by itself when it is closed', () => {
      for (const { thawed, code } of Object.values(seenOf)) {
        expect(thawed.rejections).toEqual([]);
        expect(thawed.fired).toBeLessThan(10);
        expect(code).toBe(0);
      }
    });
  });
}
