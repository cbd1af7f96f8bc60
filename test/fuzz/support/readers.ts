import { isSecretError } from '../../../lib/core/errors/index.js';
import type { CallLog } from './call-log.js';
import type { VirtualClock } from './virtual-clock.js';
import type { Violations } from './violations.js';
import type { Content, World } from './world.js';
import { endOf, isDynamic } from './world.js';

export interface AgePolicy {
  readonly maxAge: number;
  /** Infinity: for ever. */
  readonly maxStale: number;
}

/** Rounding, and a timer that fires at the very end. */
const TOLERANCE = 1;

/** Everything that readers get goes through here: is it of this secret, was it ever given, is it newer than what was seen before, may it still be served? */
export class Readers {
  /** Per reader's view (values, or resources made from them, which follow later): what was seen last, and what was seen before that turn. */
  readonly #newest = new Map<string, { content: number; turn: number; before: number }>();
  /** Set when the door is shut: no timer takes a value away any more. */
  isShut = false;

  constructor(
    private readonly clock: VirtualClock,
    private readonly world: World,
    private readonly log: CallLog,
    private readonly violations: Violations,
    private readonly policy: AgePolicy,
  ) {}

  /** The number of the value; undefined where it is none of this secret's. `how`: a synchronous reader may see an end until a timer could run. */
  saw(name: string, value: unknown, how: 'sync' | 'waited', reader: string): number | undefined {
    const content = this.#contentOf(name, value, reader);
    if (content === undefined) return undefined;
    this.#checkOrder(reader === 'use' ? `${name}, as a resource` : name, content, how, reader);
    if (how === 'waited' || (this.clock.isSettled && !this.isShut)) this.#checkEnd(name, content, how, reader);
    return content;
  }

  /** An error that a call may give: one of ours. */
  failed(error: unknown, call: string): void {
    if (isSecretError(error)) return;
    this.violations.add('a foreign error', `${call}: ${String(error)}`, call);
  }

  #checkOrder(view: string, content: number, how: string, reader: string): void {
    const { turns: turn } = this.clock;
    const known = this.#newest.get(view) ?? { content: 0, turn, before: 0 };
    const before = known.turn === turn ? known.before : known.content;
    // Who is answered by a promise reads a few microtasks after the value was taken: within one turn others may have seen the next one.
    if (content < (how === 'waited' ? before : known.content)) {
      this.violations.add(
        'an older value after a newer one',
        `${reader} of ${view}: ${content} after ${known.content}`,
        view,
      );
    }
    this.#newest.set(view, { content: Math.max(known.content, content), turn, before });
  }

  #contentOf(name: string, value: unknown, reader: string): number | undefined {
    const { content, part, name: own } = (value ?? {}) as Partial<Content>;
    const isWhole = typeof content === 'number' && part?.text === `${name}/${content}`;
    if (isWhole && own === name && this.world.versionsOf(name, content).size > 0) return content;
    this.violations.add('a value that was never given', `${reader} of ${name}: ${JSON.stringify(value)}`, name);
    return undefined;
  }

  #checkEnd(name: string, content: number, how: string, reader: string): void {
    const { now } = this.clock;
    const past = isDynamic(name) ? this.#pastLease(name, content) : this.#pastAge(name);
    if (past === undefined || past <= TOLERANCE) return;
    const kind = reader === 'use' ? 'a resource used past the end' : `served past its end (${how})`;
    this.violations.add(kind, `${reader} of ${name}, ${Math.round(past)} ms past its end, at ${now}`, name);
  }

  #pastLease(name: string, content: number): number | undefined {
    const lease = this.world.leaseOf(name, content);
    return lease && this.clock.now - endOf(lease);
  }

  #pastAge(name: string): number | undefined {
    const { maxAge, maxStale } = this.policy;
    const last = this.log.lastAnswer(name);
    // What is gone or refused for good keeps its last value: how long, the contract leaves open.
    if (last && last.kind !== 'good') return undefined;
    const at = this.log.lastGood(name);
    return at === undefined ? undefined : this.clock.now - (at + maxAge + maxStale);
  }
}
