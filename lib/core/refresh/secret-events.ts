import type { Observable } from 'rxjs';
import { Subject } from 'rxjs';
import type { CacheEntry } from '../cache/cache-entry.js';
import type { Clock } from '../clock.js';
import type { SecretError, SecretErrorCode } from '../errors/index.js';
import type { SourceEvent, SourceEventType } from '../source/source-event.js';

/**
 * `loaded`: the first value. `rotated`: another one. `failed`, `recovered`: reading. `lease-ending`: its renewal was refused or fell short, so that
 * new credentials are read at once. `ended`: the value is served no more. `lease-released`: nobody uses the replaced credentials any more, and the
 * source was told to end them (Vault's `revokeOld`). The rest concerns the source's own token.
 */
export type SecretEventType =
  | 'loaded'
  | 'rotated'
  | 'failed'
  | 'recovered'
  | 'lease-renewed'
  | 'lease-renewal-failed'
  | 'lease-ending'
  | 'lease-released'
  | 'lease-release-failed'
  | 'ended'
  | SourceEventType;

/** Something that became of a secret, or of its source’s token. Plain data: never a value, never a token. */
export interface SecretEvent {
  readonly type: SecretEventType;
  readonly connection: string;
  /** The source’s kind. */
  readonly source: string;
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

export interface SecretEventFacts {
  readonly version?: string | undefined;
  readonly expiresAt?: Date | undefined;
  readonly retryAt?: Date | undefined;
  readonly error?: SecretError | undefined;
}

/** How many events of each secret `status()` shows. */
const REMEMBERED = 8;

/** All that becomes of one connection’s secrets and of its source’s token: as a stream, and the last of it to look up. */
export class SecretEvents {
  readonly #events = new Subject<SecretEvent>();
  readonly #recent = new WeakMap<CacheEntry, readonly SecretEvent[]>();
  #session: SessionStatus | undefined;

  constructor(
    private readonly connection: string,
    private readonly source: string,
    private readonly clock: Pick<Clock, 'wall'>,
  ) {}

  get events$(): Observable<SecretEvent> {
    return this.#events;
  }

  /** Undefined where the source has told of none. */
  get session(): SessionStatus | undefined {
    return this.#session;
  }

  /** The last events of a secret, oldest first; of the same several times in a row, the last. */
  recent(entry: CacheEntry): readonly SecretEvent[] {
    return this.#recent.get(entry) ?? [];
  }

  ofSecret(entry: CacheEntry, type: SecretEventType, facts: SecretEventFacts = {}): void {
    const { name, requested } = entry;
    const event = this.#event(type, this.source, facts, {
      name,
      ...(requested !== undefined && { requestedVersion: requested }),
    });
    const before = this.recent(entry);
    // A secret that fails for hours should not push out what was before.
    const again = type !== 'rotated' && before.at(-1)?.type === type;
    this.#recent.set(entry, [...before.slice(again ? 0 : 1 - REMEMBERED, again ? -1 : undefined), event]);
    this.#events.next(event);
  }

  ofSource({ type, source, ...facts }: SourceEvent): void {
    const event = this.#event(type, source, facts, {});
    // What firstOf passes on is of a source within it, of which there may be several.
    if (source === this.source) this.#session = sessionAfter(event, this.#session ?? {});
    this.#events.next(event);
  }

  close(): void {
    this.#events.complete();
  }

  #event(
    type: SecretEventType,
    source: string,
    { version, expiresAt, retryAt, error }: SecretEventFacts,
    subject: Pick<SecretEvent, 'name' | 'requestedVersion'>,
  ): SecretEvent {
    return {
      type,
      connection: this.connection,
      source,
      ...subject,
      ...(version !== undefined && { version }),
      ...(expiresAt && { expiresAt }),
      ...(retryAt && { retryAt }),
      ...(error && { error: { code: error.code, message: error.message } }),
      at: new Date(this.clock.wall()),
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
