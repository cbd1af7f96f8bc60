// What a fleet costs its source, and how soon all have a rotation: the real core and coordinator, 1,000 times, on a clock that is simulated.
//   node bench/fleet/run.mjs [--replicas=1000] [--hours=24] [--crashes=100] [--alone] [--seed=1]
// Ends with 1 where a limit is passed.
import { Buffer } from 'node:buffer';
import { fileURLToPath } from 'node:url';
import { ReplicaClock, SimTime } from './sim-clock.mjs';
import { SimRedis } from './sim-redis.mjs';
import { bundle } from '../../scripts/bundle.mjs';

const option = (name, fallback) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.split('=')[1] ?? fallback);
const REPLICAS = option('replicas', 1_000);
const HOURS = option('hours', 24);
const CRASHES = option('crashes', 100);
const seed = option('seed', 1);
const isAlone = process.argv.includes('--alone');

const MINUTE = 60_000;
const INTERVAL = 25 * MINUTE;
const END = HOURS * 60 * MINUTE;
const NAMES = ['DB_PASSWORD', 'API_KEY'];
const SOURCE_LATENCY = 30;
const LIMITS = { readings: 2, last: 1_000 };

/** Bundled apart from `dist`, which others may be using. */
const folder = fileURLToPath(new URL('../../.cache/bench-fleet', import.meta.url));
const inputs = {
  runtime: 'lib/core/client/secret-runtime.ts',
  version: 'lib/core/secret/secret-version.ts',
  ring: 'lib/core/shared/key-ring.ts',
  tier: 'lib/caches/redis/fleet/fleet-tier.ts',
};
await bundle(inputs, { dir: folder, format: 'es', entryFileNames: '[name].mjs', chunkFileNames: 'chunk-[hash].mjs' });
const { SecretRuntime } = await import('../../.cache/bench-fleet/runtime.mjs');
const { SecretVersion } = await import('../../.cache/bench-fleet/version.mjs');
const { KeyRing } = await import('../../.cache/bench-fleet/ring.mjs');
const { FleetTier } = await import('../../.cache/bench-fleet/tier.mjs');

/** The same run for the same seed, but for what the core draws by itself. */
let state = seed;
const random = () => {
  state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
  return state / 2 ** 32;
};
const between = (least, most) => least + (most - least) * random();

const time = new SimTime();
const redis = new SimRedis(time);
const ring = new KeyRing([Buffer.alloc(32, 9)]);

/** The source: what it has is replaced each half hour; what it is asked is counted. */
const source = { versions: new Map(NAMES.map((name) => [name, 1])), requests: 0, reads: [], readers: new Set() };
const rotateAll = () => {
  for (const name of NAMES) source.versions.set(name, source.versions.get(name) + 1);
  time.after(30 * MINUTE, rotateAll);
};
time.after(30 * MINUTE, rotateAll);

/** When each version was first read, and when the last of those had it who could. */
const rotations = new Map();
const rotationOf = (name, version) => {
  const key = `${name} ${version}`;
  if (!rotations.has(key)) rotations.set(key, { readAt: undefined, lastAt: 0, have: 0, isFair: true });
  return rotations.get(key);
};

const replicas = new Set();
let started = 0;

class Replica {
  isCut = false;
  ears = new Set();
  has = new Map();

  constructor(skew = 0) {
    this.number = started += 1;
    this.skew = skew;
    this.clock = new ReplicaClock(time, skew);
    this.runtime = new SecretRuntime({
      source: { kind: 'sim', read: (names) => this.#read(names) },
      clock: this.clock,
      logger: { error() {}, warn() {}, log() {}, debug() {} },
      cache: { maxAge: INTERVAL },
      ...(!isAlone && { sharedCache: { kind: 'redis', open: async (scope) => this.#tier(scope) } }),
    });
    replicas.add(this);
  }

  async start() {
    const needs = NAMES.map((name) => ({ name, need: 'required' }));
    this.runtime.store.rotations$.subscribe(({ name, version }) => this.#show(name, version));
    await this.runtime.bootstrap(needs, 'decorated');
    for (const name of NAMES) this.has.set(name, Number(this.runtime.secrets.peek(name).facts.given.version));
    this.runtime.start();
  }

  crash() {
    this.clock.isDead = true;
    for (const ear of [...this.ears]) ear.end();
    replicas.delete(this);
  }

  /** Whether it can be expected to have what is told. */
  get isReached() {
    return !this.isCut && !this.clock.isPaused && redis.isUp && Math.abs(this.skew) < 5_000;
  }

  #tier(scope) {
    const self = `replica-${this.number}`;
    const options = { ring, scope, self, random, coordinates: true, sharesDynamic: false, onClose: async () => {} };
    return new FleetTier({ ...options, storage: redis.storageFor(this) });
  }

  #read(names) {
    source.requests += 1;
    source.readers.add(this);
    time.isBusy = true;
    const isShared = this.isReached;
    const given = names.map((name) => [name, source.versions.get(name)]);
    for (const [name] of given) source.reads.push({ name, at: time.now, isShared });
    return new Promise((resolve) => {
      time.after(SOURCE_LATENCY, () => {
        source.readers.delete(this);
        this.clock.run(() => {
          time.isBusy = true;
          for (const [name, version] of given) {
            const rotation = rotationOf(name, version);
            if (rotation.readAt === undefined && !this.isReached) rotation.isFair = false;
            rotation.readAt ??= time.now;
          }
          resolve(
            new Map(given.map(([name, version]) => [name, SecretVersion.of(`v${version}`, { version: `${version}` })])),
          );
        });
      });
    });
  }

  #show(name, version) {
    const before = this.has.get(name) ?? 0;
    if (Number(version) < before) faults.push(`replica ${this.number}: ${name} from ${before} back to ${version}`);
    this.has.set(name, Number(version));
    const rotation = rotationOf(name, Number(version));
    rotation.have += 1;
    if (this.isReached && !this.wasAway) rotation.lastAt = Math.max(rotation.lastAt, time.now);
  }

  /** What comes late because it was away is not counted as late. */
  away(milliseconds, begin, end) {
    this.wasAway = true;
    begin();
    time.after(milliseconds, end);
    time.after(milliseconds + 10_000, () => (this.wasAway = false));
  }
}

const faults = [];
const any = () => [...replicas][Math.floor(random() * replicas.size)];
const starting = [];
const begin = (skew) => {
  const replica = new Replica(skew);
  if (time.now > 0)
    replica.away(
      20_000,
      () => {},
      () => {},
    );
  starting.push(
    replica.start().catch((error) => faults.push(`replica ${replica.number} did not start: ${error.stack}`)),
  );
};

// A deploy: all within ten minutes. One in a hundred has a clock that is ten minutes wrong.
for (let n = 0; n < REPLICAS; n += 1) {
  const skew = n % 100 === 99 ? (random() < 0.5 ? -1 : 1) * 10 * MINUTE : between(-2_000, 2_000);
  time.at(between(1, 10 * MINUTE), () => begin(skew));
}
const SETTLED = 15 * MINUTE;
const sometime = () => between(SETTLED, END - 5 * MINUTE);
// Every other one dies while it reads; the other ones at any time. Another is started for each.
for (let n = 0; n < CRASHES; n += 1) {
  const crash = (victim) => {
    victim.crash();
    time.after(between(1_000, 30_000), () => begin(between(-2_000, 2_000)));
  };
  const whoReads = () => {
    const [reader] = source.readers;
    if (reader && replicas.has(reader)) crash(reader);
    else time.after(5, whoReads);
  };
  time.at(sometime(), n % 2 === 0 ? whoReads : () => crash(any()));
}
const events = { crashes: CRASHES, pauses: 40, partitions: 20, outages: HOURS >= 12 ? 2 : 1 };
for (let n = 0; n < events.pauses; n += 1) {
  time.at(sometime(), () => {
    const one = [...source.readers][0] ?? any();
    if (one.wasAway || !replicas.has(one)) return;
    one.away(
      30_000,
      () => one.clock.pause(30_000),
      () => {},
    );
  });
}
for (let n = 0; n < events.partitions; n += 1) {
  time.at(sometime(), () => {
    for (const one of [...replicas].filter(() => random() < 0.1)) {
      if (one.wasAway) continue;
      const change = (isCut) => () => {
        one.isCut = isCut;
        for (const ear of one.ears) ear.notice();
      };
      one.away(2 * MINUTE, change(true), change(false));
    }
  });
}
const outages = [];
for (let n = 0; n < events.outages && !isAlone; n += 1) {
  const at = sometime();
  const length = 10 * MINUTE;
  outages.push([at, at + length + 30_000]);
  time.at(at, () => {
    redis.stop();
    time.after(length, () => redis.start());
    for (const one of replicas)
      one.away(
        length,
        () => {},
        () => {},
      );
  });
}

console.log(
  `${REPLICAS} replicas, ${HOURS} hours, an interval of 25 minutes, ${NAMES.length} secrets; Node ${process.version}`,
);
console.log(
  `${events.crashes} crashes (every other of who is reading), ${events.pauses} pauses of 30 s, ${events.partitions} times a tenth cut off for 2 minutes,`,
);
console.log(`${outages.length} outages of Redis of 10 minutes with the loss of all it held, clocks ±2 s, one in a hundred ±10 minutes`); // prettier-ignore
const began = Date.now();
for (let hour = 1; hour <= HOURS; hour += 1) {
  await time.until(hour * 60 * MINUTE);
  if (process.stdout.isTTY) process.stdout.write(`\r${hour} h, ${Math.round((Date.now() - began) / 1000)} s`);
}
if (process.stdout.isTTY) process.stdout.write('\r');

const isInOutage = (at) => outages.some(([from, to]) => at >= from && at <= to);
const intervals = END / INTERVAL;
const perSecret = NAMES.map((name) => source.reads.filter((read) => read.name === name));
const most = Math.max(...perSecret.map((reads) => reads.length));
const shared = Math.max(
  ...perSecret.map((reads) => reads.filter(({ at, isShared }) => isShared && !isInOutage(at)).length),
);
const lags = [...rotations.values()]
  .filter(({ readAt, lastAt, isFair }) => readAt !== undefined && isFair && lastAt > 0 && !isInOutage(readAt))
  .map(({ readAt, lastAt }) => lastAt - readAt)
  .sort((a, b) => a - b);
const behind = [...replicas].filter((replica) =>
  NAMES.some((name) => source.versions.get(name) - replica.has.get(name) > 1),
);

const rows = [
  ['requests at the source', source.requests],
  ['readings of a secret, all', most],
  ['  an interval', (most / intervals).toFixed(2)],
  ['readings of a secret by who could reach Redis', shared],
  ['  an interval', (shared / intervals).toFixed(2), LIMITS.readings],
  ['rotations that were looked at', lags.length],
  ['until the last replica had it, median', `${lags[lags.length >> 1]?.toFixed(0)} ms`],
  ['until the last replica had it, longest', `${lags.at(-1)?.toFixed(0)} ms`, LIMITS.last],
  ['replicas more than one version behind at the end', behind.length, 0],
  ['values that went back', faults.length, 0],
];
let missed = 0;
for (const [what, number, limit] of rows) {
  const isPassed = limit !== undefined && !isAlone && !(Number.parseFloat(number) <= limit);
  if (isPassed) missed += 1;
  const verdict =
    limit === undefined || isAlone ? '' : isPassed ? `  PAST ITS LIMIT of ${limit}` : `  (limit ${limit})`;
  console.log(`  ${what.padEnd(52)}${String(number).padStart(9)}${verdict}`);
}
for (const fault of faults.slice(0, 5)) console.log(`  ${fault}`);
process.exit(missed > 0 ? 1 : 0);
