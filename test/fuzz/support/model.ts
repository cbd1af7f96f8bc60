import type { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import type { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import type { Rotating } from '../../../lib/core/rotation/rotating.js';
import type { SecretRef } from '../../../lib/core/store/secret-ref.js';
import { CallLog } from './call-log.js';
import { Calls, settlesWithin } from './calls.js';
import { connect, openResource, requirement } from './core.js';
import { FakeSource } from './fake-source.js';
import { Readers } from './readers.js';
import type { Resource } from './resource.js';
import { DRAIN, Refused, Resources } from './resource.js';
import type { Setting } from './scenario.js';
import { Telling } from './telling.js';
import type { Method } from './trouble.js';
import { VirtualClock } from './virtual-clock.js';
import { Violations } from './violations.js';
import type { Content } from './world.js';
import { DYNAMIC, isDynamic, LOOSE, STATIC, World } from './world.js';

/** One app and its backend under virtual time, with all who look at them. */
export class Model {
  readonly clock = new VirtualClock();
  readonly violations = new Violations(this.clock);
  readonly world: World;
  readonly log: CallLog;
  readonly source: FakeSource;
  readonly runtime: SecretRuntime;
  readonly client: HcpVaultClient;
  readonly readers: Readers;
  readonly telling: Telling;
  readonly calls: Calls;
  readonly resources = new Resources(this.violations);
  /** What the app holds on to. */
  readonly pinned: readonly string[];
  readonly refs = new Map<string, SecretRef<Content>>();
  resource: Rotating<Resource> | undefined;
  isRunning = false;

  constructor(readonly setting: Setting) {
    const { traits, maxAge, maxStale, jitter, maxEntries, refresh, retryMax, chance } = setting;
    const { clock, violations } = this;
    this.world = new World(clock, traits.lag);
    for (const name of [...STATIC, ...LOOSE]) if (name !== 'C' || setting.hasC) this.world.rotate(name);
    this.log = new CallLog(clock, this.world, violations, traits.renews, traits.renewable);
    this.source = new FakeSource(this.world, traits, clock.faceOf('source'), this.log);
    this.pinned = [...STATIC, 'L', ...(setting.requiresK ? ['K'] : [])];
    const { runtime, client } = connect({
      source: this.source.asSource(),
      clock: clock.faceOf('core'),
      random: randomOf(chance),
      cache: { maxAge, maxStale, maxEntries },
      refresh: { every: maxAge, jitter, enabled: refresh },
      retry: { max: retryMax },
    });
    this.runtime = runtime;
    this.client = client;
    const policy = { maxAge, maxStale: maxStale === 'forever' ? Number.POSITIVE_INFINITY : maxStale };
    this.readers = new Readers(clock, this.world, this.log, violations, policy);
    this.telling = new Telling(client, this.readers, violations);
    this.calls = new Calls(clock, (error, label) => {
      if (!(error instanceof Refused)) this.readers.failed(error, label);
    });
    clock.onThrown = (error) => violations.add('a timer threw', String(error));
  }

  /** The first load. False where it failed, as it may while the source is in trouble. */
  async start(): Promise<boolean> {
    const { early, preload } = this.setting;
    if (early) for (const method of ['read', 'readAll'] satisfies Method[]) this.source.trouble(method, early);
    let failure: unknown;
    const required = this.pinned.map((name) => requirement(name, name === 'C' ? 'optional' : 'required'));
    const loading = this.runtime.bootstrap(required, preload).catch((error: unknown) => {
      failure = error;
      this.log.door = 'shut';
    });
    if (!(await settlesWithin(loading, this.clock, 120_000, 500))) {
      this.violations.add('a start that hangs', 'bootstrap is not over after two minutes');
      return false;
    }
    if (failure !== undefined) {
      if (!early) this.violations.add('a start that failed', String(failure));
      this.readers.failed(failure, 'bootstrap');
      return false;
    }
    this.source.heal();
    try {
      this.runtime.start();
      this.isRunning = true;
    } catch (error) {
      this.violations.add('the start threw', String(error));
    }
    for (const name of this.pinned) this.refs.set(name, this.client.ref<Content>(name, { optional: name === 'C' }));
    await this.#openResource();
    return true;
  }

  /** Looks at one secret with every synchronous reader. */
  look(name: string): number | undefined {
    let content: number | undefined;
    try {
      const whole = this.client.get<Content>(name);
      const text = this.client.get<string>(name, { field: 'part.text' });
      content = this.readers.saw(name, whole, 'sync', 'get');
      if (text !== whole.part.text) {
        this.violations.add('a field beside another value', `${name}: ${text} beside ${whole.part.text}`, name);
      }
    } catch (error) {
      this.readers.failed(error, `get ${name}`);
    }
    this.#lookAtRef(name, content);
    return content;
  }

  /** Milliseconds between two readings of a healthy secret, or between two tries of a failing one, at least. */
  spacing(name: string): number {
    const { maxAge, jitter, retryMax, traits } = this.setting;
    const regular = Math.min(maxAge * (1 - jitter), retryMax / 4);
    return isDynamic(name) ? Math.min(regular, traits.leaseDuration / 10) : regular;
  }

  #lookAtRef(name: string, content: number | undefined): void {
    const ref = this.refs.get(name);
    if (!ref) return;
    try {
      const value = ref.value as Content | undefined;
      if (value?.content !== content) {
        this.violations.add('readers that disagree', `${name}: get ${content}, ref ${value?.content}`, name);
      }
      if (value !== undefined && this.setting.traits.numbers) this.#checkVersion(name, value.content, ref.version);
    } catch (error) {
      this.readers.failed(error, `ref ${name}`);
      if (content !== undefined)
        this.violations.add('readers that disagree', `${name}: get ${content}, ref ${String(error)}`, name);
    }
  }

  #checkVersion(name: string, content: number, version: string | undefined): void {
    const status = this.client.status().find((one) => one.name === name && one.requestedVersion === undefined);
    const known = this.world.versionsOf(name, content);
    for (const [who, told] of [
      ['ref', version],
      ['status', status?.version],
    ] as const) {
      if (told !== undefined && known.has(told)) continue;
      const right = [...known].join(', ');
      this.violations.add(
        'a version that readers do not have',
        `${who} of ${name}: ${told}, readers have ${right}`,
        name,
      );
    }
  }

  async #openResource(): Promise<void> {
    const { resourceOf } = this.setting;
    const { create, dispose } = this.resources;
    const opening = openResource<Resource>(this.runtime, resourceOf, this.clock.faceOf('core'), {
      create,
      dispose,
      rejects: (error) => error instanceof Refused,
      drain: DRAIN,
      retryFor: 30_000,
    }).then(
      (resource) => void (this.resource = resource),
      (error: unknown) => this.readers.failed(error, 'open the resource'),
    );
    await settlesWithin(opening, this.clock, 60_000, 500);
  }
}

/** A number in [0, 1) at each call; the same row for the same seed (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const EVERY_NAME = [...STATIC, ...LOOSE, ...DYNAMIC];
