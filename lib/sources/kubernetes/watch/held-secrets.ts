import { hideInOutput } from '../../../core/redaction.js';
import type { StoredSecret } from '../kubernetes.answers.js';
import { isOlder } from './resource-version.js';

/** What is known of a name. `secret` is undefined where there is none, or where nobody has asked for it, so that its values are not kept. */
export interface Held {
  readonly version: string;
  readonly isThere: boolean;
  readonly secret: StoredSecret | undefined;
}

/** A change of a Secret, as far as both states are held. */
export interface HeldChange {
  readonly name: string;
  /** Undefined for one that is gone. */
  readonly version: string | undefined;
  /** Whether anything was known of it before. */
  readonly wasKnown: boolean;
  readonly before: StoredSecret | undefined;
  readonly after: StoredSecret | undefined;
}

/** Of those that are gone so many are remembered, so that an answer that is older brings none back. */
const MOST_GONE = 1_000;

/** The newest states of Secrets, from watches and from requests: what is older than what is held changes nothing. Values are kept only of what was asked for. */
export class HeldSecrets {
  readonly #held = new Map<string, Held>();
  readonly #gone = new Set<string>();
  readonly #wanted = new Set<string>();
  #wantsAll = false;

  want(name: string): void {
    this.#wanted.add(name);
  }

  /** It was asked for, and is not there: who makes names up must not have them all kept. */
  forget(name: string): void {
    this.#wanted.delete(name);
  }

  get wanted(): readonly string[] {
    return [...this.#wanted];
  }

  wantAll(): void {
    this.#wantsAll = true;
  }

  of(name: string): Held | undefined {
    return this.#held.get(name);
  }

  get names(): readonly string[] {
    return [...this.#held].flatMap(([name, { isThere }]) => (isThere ? [name] : []));
  }

  /** All that are there; undefined where the values of some were not kept. */
  get all(): readonly StoredSecret[] | undefined {
    const there = [...this.#held.values()].filter(({ isThere }) => isThere);
    const secrets = there.flatMap(({ secret }) => secret ?? []);
    return secrets.length === there.length ? secrets : undefined;
  }

  /** What changed by it; undefined where it is the state that is held, or an older one. */
  put(secret: StoredSecret): HeldChange | undefined {
    const { name, version } = secret;
    const before = this.#held.get(name);
    if (before && isOlder(version, before.version)) return undefined;
    this.#gone.delete(name);
    const isWanted = this.#wantsAll || this.#wanted.has(name);
    this.#held.set(name, { version, isThere: true, secret: isWanted ? secret : undefined });
    if (before?.isThere && before.version === version) return undefined;
    return { name, version, wasKnown: before !== undefined, before: before?.secret, after: secret };
  }

  /** @param version of its end; undefined where it is only known that it is not there. */
  remove(name: string, version: string | undefined): HeldChange | undefined {
    const before = this.#held.get(name);
    if (!before?.isThere || (version !== undefined && isOlder(version, before.version))) return undefined;
    this.#held.set(name, { version: version ?? before.version, isThere: false, secret: undefined });
    this.#gone.add(name);
    for (const oldest of this.#gone) {
      if (this.#gone.size <= MOST_GONE) break;
      this.#gone.delete(oldest);
      this.#held.delete(oldest);
    }
    return { name, version: undefined, wasKnown: true, before: before.secret, after: undefined };
  }

  /** What was heard so far is true no more: of a name, or of all. */
  reset(name: string | undefined): void {
    if (name !== undefined) {
      this.#held.delete(name);
      this.#gone.delete(name);
      return;
    }
    this.#held.clear();
    this.#gone.clear();
  }

  clear(): void {
    this.reset(undefined);
    this.#wanted.clear();
    this.#wantsAll = false;
  }

  static {
    hideInOutput(HeldSecrets.prototype, () => '[secrets that are held]');
  }
}
