// What an outage does to a running app, case by case. Each gives what was counted, and what it has to be.
import { first, oneOf, sleep, tokenBucket } from './faults.mjs';

export const LATENCY = 20;
const names = (count) => Array.from({ length: count }, (_, index) => `SECRET_${index}`);
const seed = (values, count) => names(count).forEach((name) => values.set(name, 'v1'));
const rotate = (values, but) => [...values.keys()].forEach((name) => name !== but && values.set(name, `v2-of-${name}`));
const context = () => ({ signal: new globalThis.AbortController().signal });
const within = (limit) => (count) => count <= limit;

export const cases = [
  {
    title: '1,000 secrets at a start, 40 requests a second',
    async run({ backend, start, faults, values }) {
      seed(values, 1_000);
      const requests = 1_000 / backend.together;
      faults.rule = tokenBucket(40);
      let alone;
      const { readByHand, connect } = await start();
      if (readByHand) {
        await readByHand(names(1_000));
        alone = faults.requests;
        faults.reset();
        faults.rule = tokenBucket(40);
      }
      const began = performance.now();
      const { client } = await connect(names(1_000), { bootstrapTimeout: '90s' });
      const seconds = (performance.now() - began) / 1000;
      // The bucket's own time, and a little for finding out how fast it is.
      const bound = Math.max(0, (requests - 40) / 40) * 1.35 + 1.5;
      return [
        ['secrets', client.status().filter(({ loadedAt }) => loadedAt).length, (count) => count === 1_000],
        ['requests', faults.requests, within(requests * 1.35), alone && `the SDK, one by one: ${alone}`],
        ['seconds', Number(seconds.toFixed(1)), within(bound)],
      ];
    },
  },
  {
    title: 'a listing of 10,000, one in fifty requests throttled',
    async run({ backend, start, faults, values }) {
      seed(values, 10_000);
      const { listByHand, source } = await start();
      faults.rule = oneOf(50, 'throttled');
      await listByHand?.();
      const alone = faults.requests;
      faults.reset();
      const listed = await source().list(undefined, context());
      const pages = Math.max(1, 10_000 / backend.page);
      return [
        ['names', listed.length, (count) => count === 10_000],
        ['requests', faults.requests, within(Math.ceil(pages * 1.03) + 1), listByHand && `the SDK: ${alone}`],
      ];
    },
  },
  {
    title: '200 secrets, one request throttled once',
    async run({ backend, start, faults, values }) {
      seed(values, 200);
      const { connect } = await start();
      const { client } = await connect(names(200));
      rotate(values);
      faults.reset();
      faults.rule = first(1, 'throttled');
      const { changed, failed } = await client.refresh();
      return [
        ['changed', changed.length, (count) => count === 200],
        ['failed', failed.length, (count) => count === 0],
        ['requests', faults.requests, (count) => count === 200 / backend.together + 1],
      ];
    },
  },
  {
    title: '40 secrets, one sick for good, 39 rotated',
    async run({ backend, start, faults, values }) {
      seed(values, 40);
      const { connect } = await start();
      const { client } = await connect(names(40), { refresh: { every: '1h' } });
      rotate(values, 'SECRET_7');
      faults.reset();
      faults.rule = (request) => (request.names.includes('SECRET_7') ? 500 : undefined);
      const { changed, failed } = await client.refresh();
      const atOnce = faults.requests;
      await sleep(4_000);
      return [
        ['changed at once', changed.length, (count) => count === 39],
        ['failed', failed.length, (count) => count === 1],
        ['requests', atOnce, within(40 / backend.together + 3 + (backend.together === 1 ? 0 : backend.together + 3))],
        ['requests in the 4 s after', faults.requests - atOnce, within(3 * 6)],
      ];
    },
  },
  {
    title: 'five requests’ worth of secrets, one request takes 3 s',
    async run({ backend, start, faults, values }) {
      const count = 5 * Math.max(backend.together, 4);
      // Where each page names the next, what comes after has to wait.
      const slow = `SECRET_${backend.isChained ? count - 1 : 0}`;
      const old = JSON.stringify(backend.valueOf?.('v1') ?? 'v1');
      seed(values, count);
      const { connect } = await start();
      const { client } = await connect(names(count));
      rotate(values);
      faults.rule = (request) => (request.names.includes(slow) ? { after: 3_000 } : undefined);
      const refreshing = client.refresh();
      await sleep(1_000);
      const early = names(count).filter((name) => JSON.stringify(client.get(name)) !== old).length;
      const { changed } = await refreshing;
      return [
        ['delivered within 1 s', early, (found) => found === count - backend.together],
        ['in the end', changed.length, (found) => found === count],
      ];
    },
  },
  {
    title: '200 secrets read every 2 s, everything throttled for 10 s',
    async run({ start, faults, values }) {
      seed(values, 200);
      const { connect } = await start();
      await connect(names(200), { refresh: { every: '2s' } });
      faults.reset();
      await sleep(10_000);
      const healthy = faults.requests;
      faults.reset();
      faults.rule = () => 'throttled';
      await sleep(10_000);
      return [
        ['requests in 10 s of health', healthy, () => true],
        ['requests in 10 s of trouble', faults.requests, within(healthy - 1)],
      ];
    },
  },
  {
    title: 'one 500, 503 or 429 on each kind of call',
    async run({ backend, start, faults, values }) {
      seed(values, 3);
      const { connect } = await start();
      const { client } = await connect(['SECRET_0'], {});
      const calls = {
        fetch: (index) => client.fetch(`SECRET_${1 + (index % 2)}`, { forceRefresh: true }),
        exists: () => client.exists('SECRET_1'),
        list: () => client.list(),
        getByPath: () => client.getByPath(''),
      };
      const reached = [];
      let index = 0;
      for (const fault of [500, 503, 429]) {
        for (const [name, call] of Object.entries(calls)) {
          faults.rule = first(1, fault);
          await call((index += 1)).catch((error) => reached.push(`${name} ${fault}: ${error.code}`));
        }
      }
      faults.rule = first(1, 'throttled', ({ operation }) => /^(?:Put|POST|PUT|PATCH)/.test(operation ?? ''));
      await client
        .update('SECRET_1', backend.valueOf?.('written') ?? 'written')
        .catch((error) => reached.push(`update: ${error.code}`));
      return [['reached the caller, of 13', reached.length, (count) => count === 0, reached.join(', ')]];
    },
  },
  {
    title: 'nobody there, 100 secrets read thrice',
    async run({ start, faults, values }) {
      seed(values, 100);
      const { connect } = await start();
      const { client } = await connect(names(100), { refresh: { every: '1h' }, retry: { base: '1h', max: '1h' } });
      faults.reset();
      faults.rule = () => 503;
      await client.refresh();
      const once = faults.requests;
      await client.refresh();
      await client.refresh();
      return [
        ['requests of the first', once, within(100)],
        ['of the two after it', faults.requests - once, within(10)],
      ];
    },
  },
];
