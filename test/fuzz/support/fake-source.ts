import type { Clock } from '../../../lib/core/clock.js';
import { SecretNotFoundError } from '../../../lib/core/errors/index.js';
import { Lease } from '../../../lib/core/secret/lease.js';
import { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import type { ChangeListener } from '../../../lib/core/source/change-listener.js';
import type { ReadContext, SecretSource } from '../../../lib/core/source/secret-source.js';
import type { CallLog, OpenCall } from './call-log.js';
import type { Method, Trouble } from './trouble.js';
import { endsRenewing, errorOf, oddAnswer, oddEntry } from './trouble.js';
import type { OpenedLease, State, World } from './world.js';
import { DYNAMIC, endOf, isDynamic } from './world.js';

/** What a source of one scenario can do. */
export interface SourceTraits {
  readonly readsAll: boolean;
  readonly lists: boolean;
  readonly asksExists: boolean;
  readonly renews: boolean;
  /** Ends replaced leases early. */
  readonly releases: boolean;
  /** When a reading looks at what is there. */
  readonly looks: 'at first' | 'at last';
  readonly lag: number;
  readonly watch: 'none' | 'plain' | 'async' | 'throws' | 'rejects' | 'unwatch throws';
  readonly leaseDuration: number;
  readonly renewable: readonly string[];
  /** False: its values have no numbers. */
  readonly numbers: boolean;
  readonly close: 'plain' | 'throws' | 'rejects' | 'none';
}

type Prepared = ReadonlyMap<string, State | { readonly opening: number } | undefined>;

/** A backend under the model's control. Tells the log of each call, and of each lease that it opens. */
export class FakeSource {
  readonly #troubles = new Map<Method, { trouble: Trouble; left: number }>();
  /** Who listens, and where it listened before. */
  readonly listeners = new Set<ChangeListener>();
  closed = 0;

  constructor(
    readonly world: World,
    readonly traits: SourceTraits,
    private readonly clock: Clock,
    private readonly log: CallLog,
  ) {}

  trouble(method: Method, trouble: Trouble): void {
    this.#troubles.set(method, { trouble, left: trouble.times });
  }

  heal(): void {
    this.#troubles.clear();
  }

  isWellFor(method: Method): boolean {
    return !this.#troubles.has(method);
  }

  get isWell(): boolean {
    return this.#troubles.size === 0;
  }

  asSource(): SecretSource {
    const { traits, world } = this;
    const source: SecretSource = {
      kind: 'fuzz',
      read: (names, context) =>
        this.#answer(
          'read',
          names,
          context,
          () => this.#prepare(names),
          (found, call) => this.#map(found, call),
        ),
      revoke: (lease, context) => this.#end('revoke', lease, context),
      ...(traits.readsAll && {
        readAll: (context) => {
          const names = (): string[] => world.present();
          return this.#answer(
            'readAll',
            [],
            context,
            () => this.#prepare(names()),
            (found, call) => this.#map(found, call),
          );
        },
      }),
      ...(traits.lists && {
        list: (prefix = '', context) =>
          this.#answer(
            'list',
            [],
            context,
            () => [...world.present(), ...DYNAMIC].filter((name) => name.startsWith(prefix)),
            (names) => names,
          ),
      }),
      ...(traits.asksExists && {
        exists: (name, context) =>
          this.#answer(
            'exists',
            [name],
            context,
            () => isDynamic(name) || world.seen(name) !== undefined,
            (is) => is,
          ),
      }),
      write: (name, _value, context) =>
        this.#answer(
          'write',
          [name],
          context,
          () => world.rotate(name),
          () => undefined,
        ),
      ...(traits.renews && { renew: (lease, context) => this.#renew(lease, context) }),
      ...(traits.releases && { release: (lease, context) => this.#end('release', lease, context) }),
      ...(traits.watch !== 'none' && { watch: (listener) => this.#watch(listener) }),
      ...(traits.close !== 'none' && { close: () => this.#close() }),
    };
    return source;
  }

  /** One call: what is looked up, when, and how long the answer takes, go by the traits and the trouble of the moment. */
  async #answer<F, R>(
    method: Method,
    names: readonly string[],
    { signal }: ReadContext,
    look: () => F,
    give: (found: F, call: OpenCall, trouble: Trouble | undefined) => R,
  ): Promise<R> {
    const trouble = this.#next(method);
    const call = this.log.begin(method, names, signal, trouble);
    try {
      const early = this.traits.looks === 'at first' ? { found: look() } : undefined;
      await this.#pass(trouble, signal);
      if (trouble?.fault) throw errorOf(trouble.fault);
      if (trouble?.oddAnswer !== undefined) {
        call.isOdd = true;
        return oddAnswer(trouble.oddAnswer) as R;
      }
      return give(early ? early.found : look(), call, trouble);
    } finally {
      this.log.finish(call);
    }
  }

  #next(method: Method): Trouble | undefined {
    const next = this.#troubles.get(method);
    if (!next) return undefined;
    next.left -= 1;
    if (next.left <= 0) this.#troubles.delete(method);
    return next.trouble;
  }

  #pass(trouble: Trouble | undefined, signal: AbortSignal): Promise<void> | void {
    if (!trouble || trouble.speed === 'at once') return undefined;
    const { speed, fault } = trouble;
    return new Promise((resolve, reject) => {
      if (speed !== 'hangs') this.clock.setTimer(resolve, speed.after);
      if (speed !== 'hangs' && !speed.heeds) return;
      const stop = (): void => reject(fault === 'effect possible' ? errorOf(fault) : signal.reason);
      if (signal.aborted) stop();
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  #prepare(names: readonly string[]): Prepared {
    return new Map(
      names.map((name) => [name, isDynamic(name) ? { opening: this.world.next(name) } : this.world.seen(name)]),
    );
  }

  #map(found: Prepared, call: OpenCall): ReadonlyMap<string, SecretVersion> {
    const odd = call.trouble?.oddEntry;
    const answer = new Map<string, SecretVersion>();
    for (const [name, state] of found) {
      if (odd?.name === name) {
        answer.set(name, oddEntry(odd.odd) as SecretVersion);
        this.log.answered(call, name, 'odd');
      } else if (state === undefined) {
        this.log.answered(call, name, 'absent');
      } else if ('opening' in state) {
        answer.set(name, this.#open(name, state.opening, call));
        this.log.answered(call, name, 'good');
      } else {
        const { content, version } = state;
        this.world.gave(name, content, version);
        answer.set(name, SecretVersion.of(this.world.value(name, content), this.traits.numbers ? { version } : {}));
        this.log.answered(call, name, 'good');
      }
    }
    return answer;
  }

  #open(name: string, content: number, call: OpenCall): SecretVersion {
    const { leaseDuration: duration, renewable } = this.traits;
    const id = `${name}#${content}`;
    const now = this.clock.now();
    const opened = { id, name, content, openedAt: now, grantedAt: now, duration, endings: [], spent: false };
    this.world.leases.push({ ...opened, delivered: this.log.isTaken(call) });
    this.world.gave(name, content, `v${content}`);
    const lease = Lease.of({ id, duration, renewable: renewable.includes(name) });
    return SecretVersion.of(this.world.value(name, content), { version: `v${content}`, lease });
  }

  async #renew(lease: Lease, context: ReadContext): Promise<Lease> {
    const opened = this.#leaseOf(lease);
    this.log.renewing(opened);
    const { fault, oddAnswer: odd } = this.#troubles.get('renew')?.trouble ?? {};
    // From the moment of the refusal new credentials may be opened: the answer may be late, but it is on its way.
    if (odd !== undefined || (fault && endsRenewing(fault))) opened.spent = true;
    // So may they where a renewal that hangs is given up, so near to the end that it had less than a whole time-out.
    const isNearTheEnd = endOf(opened) - this.clock.now() < 2 * 10_000;
    context.signal.addEventListener('abort', () => (opened.spent ||= isNearTheEnd), { once: true });
    return this.#answer(
      'renew',
      [opened.name],
      context,
      () => undefined,
      (_, call, trouble) => {
        const granted = this.traits.leaseDuration * (trouble?.grant ?? 1);
        if (granted < opened.duration * 0.9) opened.spent = true;
        if (this.log.isTaken(call)) Object.assign(opened, { grantedAt: this.clock.now(), duration: granted });
        return Lease.of({ id: lease.id, duration: granted, renewable: lease.renewable });
      },
    );
  }

  async #end(how: 'revoke' | 'release', lease: Lease, context: ReadContext): Promise<void> {
    const opened = this.#leaseOf(lease);
    const ending = { how, done: false, at: this.clock.now() };
    this.log.ending(opened, how);
    opened.endings.push(ending);
    await this.#answer(
      'revoke',
      [opened.name],
      context,
      () => undefined,
      () => (ending.done = true),
    );
  }

  #leaseOf({ id }: Lease): OpenedLease {
    const opened = this.world.leases.find((lease) => lease.id === id);
    if (!opened) throw new SecretNotFoundError('no such lease.');
    return opened;
  }

  #watch(listener: ChangeListener): (() => void) | Promise<() => void> {
    const { watch } = this.traits;
    if (watch === 'throws') throw new Error('can not watch');
    if (watch === 'rejects') return Promise.reject(new Error('can not watch'));
    this.listeners.add(listener);
    const unwatch = (): void => {
      this.listeners.delete(listener);
      if (watch === 'unwatch throws') throw new Error('can not unwatch');
    };
    return watch === 'async' ? Promise.resolve(unwatch) : unwatch;
  }

  #close(): Promise<void> {
    this.closed += 1;
    if (this.traits.close === 'throws') throw new Error('can not close');
    return this.traits.close === 'rejects' ? Promise.reject(new Error('can not close')) : Promise.resolve();
  }
}
