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
  readonly opened: number;
  readonly code: number | null;
  readonly printed: string;
}

/** Requests for secrets, and logins. */
const pathsSince = ({ requests }: HcpVaultSecretsEmulator, from: number): string[] =>
  requests.slice(from).map(({ path }) => path.replace(/.*\/(?=[^/]*$)/, ''));

async function seen(bundle: string, { before, meanwhile }: Scenario): Promise<Seen> {
  const emulator = await HcpVaultSecretsEmulator.start(seed);
  const lambda = new FrozenFunction(bundle, emulator.environment);
  const frozen: Frozen = { emulator, lambda };
  try {
    const first = await lambda.call();
    await before?.(frozen);
    lambda.freeze();
    const from = emulator.requests.length;
    await Promise.all([meanwhile(frozen), sleep(FROZEN)]);
    const thawed = await lambda.thaw();
    const requests = pathsSince(frozen.emulator, frozen.emulator === emulator ? from : 0);
    const opened = frozen.emulator.opened('shop', 'DB');
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

export const SCENARIOS = {
  plain: { meanwhile: rotate },
  asking: {
    before: whileAsking,
    meanwhile: (frozen) => {
      frozen.emulator.recover();
      rotate(frozen);
    },
  },
  restarted: { meanwhile: restart },
  down: { meanwhile: ({ emulator }) => emulator.fail({ status: 503 }) },
} satisfies Record<string, Scenario>;

export const seenAll = async (bundle: string) =>
  Object.fromEntries(
    await Promise.all(
      Object.entries(SCENARIOS).map(async ([name, scenario]) => [name, await seen(bundle, scenario)] as const),
    ),
  );
