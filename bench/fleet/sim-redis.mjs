// A Redis that does what our scripts do, in the time of a simulation. The scripts themselves are tried against the real one (test/caches/redis).
const LATENCY = 1;
const DEADLINE = 1_500;
const NOTICED = 1_000;

const orderOf = (stored) => /^(\d*) ([\d.]+) /.exec(stored) ?? undefined;
const headOf = (stored) => /^\d* [\d.]+ /.exec(stored)?.[0] ?? stored;

function isAsNew(fence, at, stored) {
  const order = orderOf(stored);
  if (!order) return true;
  const [a, b] = [fence, order[1] === '' ? undefined : Number(order[1])];
  if (a === undefined && b !== undefined) return false;
  return a !== undefined && b !== undefined && a !== b ? a > b : at >= Number(order[2]);
}

export class SimRedis {
  isUp = true;
  #entries = new Map();
  #turns = new Map();
  #fence = 0;
  #notes = new Map();
  #ears = new Set();

  constructor(time) {
    this.time = time;
  }

  /** All that was stored is lost, too. */
  stop() {
    this.isUp = false;
    this.#entries.clear();
    this.#turns.clear();
    this.#notes.clear();
    this.#fence = 0;
    for (const ear of this.#ears) ear.notice();
  }

  start() {
    this.isUp = true;
    for (const ear of this.#ears) ear.notice();
  }

  /** @param link of one replica: its clock, and whether it `isCut` off. */
  storageFor(link) {
    const call = (work) => this.#call(link, work);
    return {
      get: (ids) => call(() => ids.map((id) => this.#entries.get(id) ?? '')),
      put: (puts, note) => call(() => this.#put(puts, note)),
      remove: (ids, note) =>
        call(() => {
          for (const id of ids) this.#entries.delete(id);
          this.#note(note);
        }),
      drop: (id) => call(() => void this.#entries.delete(id)),
      tell: (note) => call(() => this.#note(note)),
      count: (channels) =>
        call(() => ({
          fence: Math.max(this.#fence, Math.floor(1_800_000_000_000 + this.time.now)),
          numbers: channels.map((channel) => this.#notes.get(channel) ?? 0),
        })),
      take: (request) => call(() => this.#take(request)),
      extend: (turns, holder, lease) => call(() => this.#held(turns, holder, (id) => this.#keep(id, holder, lease))),
      release: (turns, holder) => call(() => void this.#held(turns, holder, (id) => this.#turns.delete(id))),
      listen: (channels, listener) => new Ear(this, this.#ears, link, channels, listener),
    };
  }

  reaches(link) {
    return this.isUp && !link.isCut;
  }

  #call(link, work) {
    const { time } = this;
    time.isBusy = true;
    return new Promise((resolve, reject) => {
      const answer = (settle) => () => {
        time.isBusy = true;
        settle();
      };
      if (!this.reaches(link)) {
        const away = Object.assign(new Error('away'), { code: 'REDIS_SILENT' });
        return time.after(DEADLINE, () => link.clock.run(answer(() => reject(away))));
      }
      const result = work(); // at the server, at once: what matters is the order there
      time.after(LATENCY, () => link.clock.run(answer(() => resolve(result))));
    });
  }

  #put(puts, note) {
    const taken = puts.map(({ ids, fence, at, sealed }) => {
      const isNewest = ids.every((id) => isAsNew(fence, at, this.#entries.get(id) ?? ''));
      if (isNewest) {
        for (const id of ids) this.#entries.delete(id);
        this.#entries.set(ids[0], `${fence ?? ''} ${at} ${sealed}`);
      }
      return isNewest;
    });
    if (taken.includes(true)) this.#note(note);
    return taken;
  }

  #note({ channel, message }) {
    const number = (this.#notes.get(channel) ?? 0) + 1;
    this.#notes.set(channel, number);
    for (const ear of this.#ears) ear.hear(channel, number, message);
  }

  #take({ turns, known, holder, lease, seen, isForced }) {
    const { now } = this.time;
    if (!isForced) {
      const left = Math.max(...turns.map((id) => (this.#turns.get(id)?.until ?? 0) - now));
      if (left > 0) return { type: 'held', left };
      const isNewer = known.some(({ id, head }) => head !== undefined && headOf(this.#entries.get(id) ?? '') !== head);
      if (isNewer) return { type: 'newer' };
    }
    this.#fence = Math.max(this.#fence + 1, seen + 1, Math.floor(1_800_000_000_000 + now));
    for (const id of turns) this.#keep(id, holder, lease);
    return { type: 'won', fence: this.#fence };
  }

  #keep(id, holder, lease) {
    this.#turns.set(id, { holder, until: this.time.now + lease });
  }

  #held(turns, holder, change) {
    let count = 0;
    for (const id of turns) {
      const held = this.#turns.get(id);
      if (held?.holder !== holder || held.until <= this.time.now) continue;
      change(id);
      count += 1;
    }
    return count;
  }
}

/** Pub/sub: what is said while it is down is lost. */
class Ear {
  isCertain = true;
  #isUp = false;
  #isOver = false;

  constructor(redis, ears, link, channels, listener) {
    Object.assign(this, { redis, ears, link, channels, listener });
    ears.add(this);
    link.ears.add(this);
    this.notice();
  }

  ensure() {}

  end() {
    this.#isOver = true;
    this.ears.delete(this);
    this.link.ears.delete(this);
  }

  /** A connection that breaks, or can be made again, is noticed a little later. */
  notice() {
    const { time } = this.redis;
    time.after(NOTICED * Math.random(), () =>
      this.link.clock.run(() => {
        const isUp = this.redis.reaches(this.link);
        if (this.#isOver || isUp === this.#isUp) return;
        time.isBusy = true;
        this.#isUp = isUp;
        if (isUp) this.listener.up();
        else this.listener.down(Object.assign(new Error('closed'), { code: 'ECONNRESET' }));
      }),
    );
  }

  hear(channel, number, message) {
    const { time } = this.redis;
    if (!this.#isUp || !this.redis.reaches(this.link) || !this.channels.includes(channel)) return;
    time.after(LATENCY, () =>
      this.link.clock.run(() => {
        if (this.#isOver) return;
        time.isBusy = true;
        this.listener.heard(channel, number, message);
      }),
    );
  }
}
