import type { Observable } from 'rxjs';
import { Subject } from 'rxjs';
import type { Clock } from '../clock.js';
import type { SecretError, SecretErrorCode } from '../errors/index.js';
import type { CatchPlace } from '../guard/catches.js';
import { isNotice, type SourceEvent, type SourceEventType } from '../source/source-event.js';
import { GuardedStream } from '../store/guarded-stream.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionFacts, TransitionType } from '../tracking/transitions.js';

/**
 * `loaded`: the first value. `rotated`: another one. `failed`, `recovered`: reading. `lease-ending`: its renewal was refused or fell short, so that
 * new credentials are read at once. `ended`: the value is served no more. `lease-released`: nobody uses the replaced credentials any more, and the
 * source was told to end them (Vault's `revokeOld`). `announced-not-seen`: a change was announced, and half a minute of readings did not show it.
 * `paused`, `resumed`: nothing is read by itself, and is again (`client.pause()`).
 * `channel-lost`, `channel-resumed`: whoever announces changes is deaf, and hears again. `cache-…`: a shared cache, by its kind in `source`.
 * `caught`: a guard has masked its value at `place`, on its way out. The rest concerns the source's own token.
 */
export type SecretEventType =
  | TransitionType
  | SourceEventType
  | CacheEventType
  | 'channel-lost'
  | 'channel-resumed'
  | 'paused'
  | 'resumed'
  | 'caught';

/** Of shared caches: what was found is not trusted; it can't be read, written or reached; it can be again. */
export type CacheEventType = 'cache-refused' | 'cache-failed' | 'cache-restored';

/** Something that became of a secret, or of its source’s token. Plain data: never a value, never a token. */
export interface SecretEvent {
  readonly type: SecretEventType;
  readonly connection: string;
  /** The source’s kind; of `cache-…` the cache’s. */
  readonly source: string;
  /** Where a value was found that did not come from the source itself. */
  readonly from?: 'disk' | 'redis';
  /** The secret; absent where the event concerns the source’s own token. */
  readonly name?: string;
  /** The version or stage that was asked for, where it is not the current one. */
  readonly requestedVersion?: string;
  readonly version?: string;
  /** When the lease or the token ends, as known then. */
  readonly expiresAt?: Date;
  /** When it is tried again. */
  readonly retryAt?: Date;
  readonly error?: { readonly code: SecretErrorCode; readonly message: string };
  /** Of `caught`: where it would have got out. */
  readonly place?: CatchPlace;
  readonly at: Date;
}

/** How a source stands with its backend, as its events told. */
export interface SessionStatus {
  readonly loggedInAt?: Date;
  readonly renewedAt?: Date;
  readonly expiresAt?: Date;
  /** Of the last login or renewal, where it failed. */
  readonly lastError?: { readonly code: SecretErrorCode; readonly message: string; readonly at: Date };
}

interface Told {
  readonly type: TransitionType;
  readonly facts: TransitionFacts;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** How many events of each secret `status()` shows. */
const REMEMBERED = 8;

/** All that becomes of one connection’s secrets and of its source’s token: as a stream, and the last of it to look up. */
export class SecretEvents implements StateListener {
  readonly #events = new Subject<SecretEvent>();
  /** As they were told: what is shown of them is made when somebody asks, for there may be many secrets. */
  readonly #recent = new WeakMap<SecretState, readonly Told[]>();
  readonly #onEnded: ((name: string) => void)[] = [];
  #session: SessionStatus | undefined;

  constructor(
    private readonly connection: string,
    private readonly source: string,
    private readonly clock: Pick<Clock, 'wall'>,
    /** Told what an observer threw. */
    private readonly onObserverFailure: (error: unknown) => void = () => undefined,
  ) {}

  get events$(): Observable<SecretEvent> {
    return GuardedStream.over(this.#events, this.onObserverFailure);
  }

  /** Undefined where the source has told of none. */
  get session(): SessionStatus | undefined {
    return this.#session;
  }

  /** The last events of a secret, oldest first; of the same several times in a row, the last. */
  recent(state: SecretState): readonly SecretEvent[] {
    return (this.#recent.get(state) ?? []).map((told) => this.#eventOf(state, told));
  }

  /** Calls back with the name of each secret whose value is served no more, for as long as the connection lives. What it throws stops nothing else. */
  onEnded(listener: (name: string) => void): void {
    this.#onEnded.push(listener);
  }

  told(state: SecretState, type: TransitionType, facts: TransitionFacts): void {
    const told = { type, facts, at: this.clock.wall() };
    const before = this.#recent.get(state);
    // A secret that fails for hours should not push out what was before.
    const again = type !== 'rotated' && before?.at(-1)?.type === type;
    this.#recent.set(
      state,
      before ? [...before.slice(again ? 0 : 1 - REMEMBERED, again ? -1 : undefined), told] : [told],
    );
    if (type === 'ended') for (const listener of this.#onEnded) this.#call(listener, state.name);
    if (this.#events.observed) this.#events.next(this.#eventOf(state, told));
  }

  #call(listener: (name: string) => void, name: string): void {
    try {
      listener(name);
    } catch (error) {
      this.onObserverFailure(error);
    }
  }

  #eventOf({ name, requested }: SecretState, { type, facts, at }: Told): SecretEvent {
    const subject = { name, ...(requested !== undefined && { requestedVersion: requested }) };
    return this.#event(type, this.source, facts, subject, at);
  }

  settled(): void {
    // Each is told at once.
  }

  ofConnection(type: 'paused' | 'resumed'): void {
    this.#events.next(this.#event(type, this.source, {}, {}));
  }

  ofChannel(type: 'channel-lost' | 'channel-resumed', channel: string, error?: SecretError): void {
    this.#events.next(this.#event(type, channel, { error }, {}));
  }

  /** @param kind of the cache. */
  ofCache(type: CacheEventType, kind: string, error?: SecretError): void {
    this.#events.next(this.#event(type, kind, { error }, {}));
  }

  /** A guard has caught its value. */
  ofGuard(name: string, place: CatchPlace): void {
    if (this.#events.observed) this.#events.next({ ...this.#event('caught', this.source, {}, { name }), place });
  }

  ofSource({ type, source, ...facts }: SourceEvent): void {
    if (isNotice(type)) return; // only for the log: nothing became of anything
    const event = this.#event(type, source, facts, {});
    // What firstOf passes on is of a source within it, of which there may be several.
    if (source === this.source) this.#session = sessionAfter(event, this.#session ?? {});
    this.#events.next(event);
  }

  close(): void {
    this.#onEnded.length = 0;
    this.#events.complete();
  }

  #event(
    type: SecretEventType,
    source: string,
    { version, expiresAt, retryAt, error, from }: TransitionFacts,
    subject: Pick<SecretEvent, 'name' | 'requestedVersion'>,
    at = this.clock.wall(),
  ): SecretEvent {
    return {
      type,
      connection: this.connection,
      source,
      ...subject,
      ...(from && { from }),
      ...(version !== undefined && { version }),
      ...(expiresAt && { expiresAt }),
      ...(retryAt && { retryAt }),
      ...(error && { error: { code: error.code, message: error.message } }),
      at: new Date(at),
    };
  }
}

function sessionAfter({ type, expiresAt, error, at }: SecretEvent, before: SessionStatus): SessionStatus {
  const { loggedInAt } = before;
  if (type === 'logged-in') return { loggedInAt: at, ...(expiresAt && { expiresAt }) };
  if (type === 'token-renewed') {
    return { ...(loggedInAt && { loggedInAt }), renewedAt: at, ...(expiresAt && { expiresAt }) };
  }
  const failed = type === 'login-failed' || type === 'token-renewal-failed';
  return failed && error ? { ...before, lastError: { ...error, at } } : before;
}
