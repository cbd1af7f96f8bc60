/** Names by what they are. Required ones are pinned; the loose ones are fetched on demand, and may be evicted. */
export const STATIC = ['A', 'B', 'C'] as const;
export const LOOSE = ['X0', 'X1', 'X2', 'X3'] as const;
export const MISSING = ['N0', 'N1'] as const;
export const DYNAMIC = ['L', 'K'] as const;

export const isDynamic = (name: string): boolean => (DYNAMIC as readonly string[]).includes(name);

/** What a secret's value tells of itself. `content` counts the values that the source ever gave for this name. */
export interface Content {
  readonly name: string;
  readonly content: number;
  readonly part: { readonly text: string };
}

export interface State {
  readonly content: number;
  readonly version: string;
}

interface Change {
  readonly at: number;
  /** Undefined: there is none. */
  readonly state: State | undefined;
}

/** One lease as the source knows it. */
export interface OpenedLease {
  readonly id: string;
  readonly name: string;
  readonly content: number;
  readonly openedAt: number;
  grantedAt: number;
  duration: number;
  /** The answer came while somebody still waited for it. */
  readonly delivered: boolean;
  /** A renewal was refused for good, or granted less: new credentials are due. */
  spent: boolean;
  /** Calls that were to end it, and whether they did. */
  readonly endings: { readonly how: 'revoke' | 'release'; done: boolean; readonly at: number }[];
}

export const endOf = (lease: OpenedLease): number => lease.grantedAt + lease.duration;

/** What the backend holds. A lagging replica shows what was there `lag` ms ago. */
export class World {
  readonly leases: OpenedLease[] = [];
  readonly #changes = new Map<string, Change[]>();
  readonly #contents = new Map<string, number>();
  readonly #versions = new Map<string, Set<string>>();

  constructor(
    private readonly clock: { readonly now: number },
    private readonly lag: number,
  ) {}

  /** The state as readings see it now. */
  seen(name: string): State | undefined {
    return this.#at(name, this.clock.now - this.lag);
  }

  /** The state as it is. */
  current(name: string): State | undefined {
    return this.#changes.get(name)?.at(-1)?.state;
  }

  /** A value of its own under the next number. */
  rotate(name: string): void {
    this.#set(name, { content: this.next(name), version: this.#following(name) });
  }

  /** The same value under the next number. */
  renumber(name: string): void {
    const { content } = this.current(name) ?? {};
    if (content !== undefined) this.#set(name, { content, version: this.#following(name) });
  }

  remove(name: string): void {
    if (this.current(name)) this.#set(name, undefined);
  }

  /** Deleted and made anew: its numbers begin again. */
  remake(name: string): void {
    this.#set(name, { content: this.next(name), version: '1' });
  }

  next(name: string): number {
    const content = (this.#contents.get(name) ?? 0) + 1;
    this.#contents.set(name, content);
    return content;
  }

  /** The last value that was ever made for a name. */
  newest(name: string): number {
    return this.#contents.get(name) ?? 0;
  }

  present(): string[] {
    return [...this.#changes.keys()].filter((name) => this.seen(name));
  }

  value(name: string, content: number): Content {
    return { name, content, part: { text: `${name}/${content}` } };
  }

  gave(name: string, content: number, version: string): void {
    const key = `${name}/${content}`;
    this.#versions.set(key, (this.#versions.get(key) ?? new Set()).add(version));
  }

  /** What the source has ever called this value. */
  versionsOf(name: string, content: number): ReadonlySet<string> {
    return this.#versions.get(`${name}/${content}`) ?? new Set();
  }

  leaseOf(name: string, content: number): OpenedLease | undefined {
    return this.leases.find((lease) => lease.name === name && lease.content === content);
  }

  #set(name: string, state: State | undefined): void {
    const changes = this.#changes.get(name) ?? [];
    this.#changes.set(name, changes);
    changes.push({ at: this.clock.now, state });
  }

  #at(name: string, time: number): State | undefined {
    const changes = this.#changes.get(name) ?? [];
    // What was there at the very beginning counts as old.
    return (changes.findLast(({ at }) => at <= time) ?? changes[0])?.state;
  }

  #following(name: string): string {
    return String(Number(this.current(name)?.version ?? 0) + 1);
  }
}
