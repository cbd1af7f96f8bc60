import type { ChangeListener, ReadContext, SecretError, SecretSource } from 'nestjs-hcp-vault';
import { Lease, SecretNotFoundError, SecretVersion } from 'nestjs-hcp-vault';
import type { FakeClock } from './fake-clock.js';

type Answers = Map<string, SecretVersion | SecretError>;

/** What one call does: `answer` looks the answer up (and opens, where it is of credentials) at the moment at which it is called. */
export type Behaviour = (answer: () => unknown, context: ReadContext) => unknown;

export type Operation = 'read' | 'readAll' | 'readPath' | 'list' | 'write' | 'renew' | 'revoke' | 'release' | 'close';

export interface ScriptedCall {
  readonly operation: Operation;
  /** Of secrets, or of the lease. */
  readonly names: readonly string[];
  readonly at: number;
}

interface Stored {
  readonly value?: unknown;
  readonly version?: string | undefined;
  readonly expiresAt?: Date | undefined;
  readonly createdAt?: Date | undefined;
  /** Milliseconds: each reading opens credentials `{ user: 'NAME-1' }`, `{ user: 'NAME-2' }`, … with a lease of that id. */
  readonly lease?: number | undefined;
  readonly renewable?: boolean | undefined;
  readonly failure?: unknown;
}

export interface ScriptedOptions {
  /** Beside `read` and `close`. */
  readonly can?: readonly Exclude<Operation, 'read' | 'close'>[];
  readonly more?: Partial<SecretSource>;
  /** False where nobody listens to rotations: what is fetched on demand may be left alone then. @default true */
  readonly isHeard?: boolean;
}

/** Calls in a row without a moment between them. */
const RUNAWAY = 200;

/** A backend that does, call by call, what the test says, and that keeps count of it. */
export class ScriptedSource {
  readonly calls: ScriptedCall[] = [];
  readonly stored = new Map<string, Stored>();
  /** What the next calls do, one after another; then what `always` says; else they answer at once. */
  readonly next: Partial<Record<Operation, Behaviour[]>> = {};
  readonly always: Partial<Record<Operation, Behaviour>> = {};
  /** Ids of leases, in the order in which they were opened. */
  readonly opened: string[] = [];
  /** Ids of leases that were ended (revoked or released), as often as they were. */
  readonly ended: string[] = [];
  /** The most readings of one name that were under way at once. */
  most = 0;
  readonly source: SecretSource;
  readonly #reading = new Map<string, number>();

  constructor(
    readonly clock: FakeClock,
    { can = [], more = {} }: ScriptedOptions = {},
  ) {
    const optional: SecretSource = {
      kind: 'scripted',
      read: (names, context) => this.#read(names, context),
      readAll: (context) => this.#call('readAll', [], () => this.#answersTo(this.#enumerable()), context),
      readPath: (path, context) =>
        this.#call('readPath', [path], () => this.#answersTo([...this.stored.keys()].filter(under(path))), context),
      list: (_prefix, context) => this.#call('list', [], () => [...this.stored.keys()], context),
      write: (name, value, context) => this.#call('write', [name], () => this.set(name, { value }), context),
      renew: (lease, context) => this.#call('renew', [lease.id!], () => Lease.of({ ...lease }), context),
      revoke: (lease, context) => this.#call('revoke', [lease.id!], () => void this.ended.push(lease.id!), context),
      release: (lease, context) => this.#call('release', [lease.id!], () => void this.ended.push(lease.id!), context),
      close: () => this.#call('close', [], () => undefined, { signal: new AbortController().signal }),
    };
    const left = Object.entries(optional).filter(
      ([name]) => ['kind', 'read', 'close'].includes(name) || can.includes(name as 'renew'),
    );
    this.source = { ...(Object.fromEntries(left) as unknown as SecretSource), ...more };
  }

  set(name: string, stored: Stored): void {
    this.stored.set(name, stored);
  }

  /** Sets what the next calls of an operation do. */
  script(operation: Operation, ...behaviours: Behaviour[]): void {
    (this.next[operation] ??= []).push(...behaviours);
  }

  count(operation: Operation): number {
    return this.calls.filter((call) => call.operation === operation).length;
  }

  timesOf(operation: Operation): number[] {
    return this.calls.filter((call) => call.operation === operation).map(({ at }) => at);
  }

  /** Leases that nobody has ended. */
  get left(): string[] {
    return this.opened.filter((id) => !this.ended.includes(id));
  }

  async #read(names: readonly string[], context: ReadContext): Promise<Answers> {
    for (const name of names) this.#count(name, 1);
    try {
      return await this.#call('read', names, () => this.#answersTo(names), context);
    } finally {
      for (const name of names) this.#count(name, -1);
    }
  }

  async #call<T>(operation: Operation, names: readonly string[], answer: () => T, context: ReadContext): Promise<T> {
    const at = this.clock.now();
    this.calls.push({ operation, names, at });
    // A hot loop would never let the test's time pass: it stops here, and the counts show it.
    if (this.calls.at(-1 - RUNAWAY)?.at === at) return await new Promise<never>(() => undefined);
    const behaviour = this.next[operation]?.shift() ?? this.always[operation] ?? answers;
    return (await behaviour(answer, context)) as T;
  }

  #count(name: string, step: number): void {
    const reading = (this.#reading.get(name) ?? 0) + step;
    this.#reading.set(name, reading);
    this.most = Math.max(this.most, reading);
  }

  #answersTo(names: readonly string[]): Answers {
    const answer = new Map<string, unknown>();
    for (const name of names) {
      const stored = this.stored.get(name);
      if (stored) answer.set(name, 'failure' in stored ? stored.failure : this.#versionOf(name, stored));
    }
    return answer as Answers;
  }

  #versionOf(name: string, { value, version, expiresAt, createdAt, lease, renewable }: Stored): SecretVersion {
    if (lease === undefined) return SecretVersion.of(value as string, { version, expiresAt, createdAt });
    const id = `${name}-${this.opened.filter((opened) => opened.startsWith(`${name}-`)).length + 1}`;
    this.opened.push(id);
    return SecretVersion.of({ user: id }, { version: id, lease: Lease.of({ id, duration: lease, renewable }) });
  }

  #enumerable(): string[] {
    return [...this.stored].filter(([, { lease }]) => lease === undefined).map(([name]) => name);
  }
}

const under =
  (path: string) =>
  (name: string): boolean =>
    name.startsWith(path);

export const answers: Behaviour = (answer) => answer();

/** Answers with whatever it is given, however odd. */
export const gives =
  (odd: unknown): Behaviour =>
  () =>
    odd;

export const fails =
  (error: unknown): Behaviour =>
  () =>
    Promise.reject(error);

export const notFound = (): SecretError => new SecretNotFoundError();

/** Answers later, unless it is aborted before. */
export const delays =
  (clock: FakeClock, milliseconds: number): Behaviour =>
  async (answer, { signal }) => {
    let cancel = (): void => undefined;
    const over = new Promise<void>((resolve) => (cancel = clock.setTimer(resolve, milliseconds)));
    await Promise.race([over, aborted(signal)]).finally(() => cancel());
    return answer();
  };

/** Never answers; ends when it is aborted. */
export const hangs: Behaviour = (_answer, { signal }) => aborted(signal);

/** Never answers, and ignores that it is aborted. */
export const deaf: Behaviour = () => new Promise(() => undefined);

/** Looks its answer up at once, and gives it when the test says so, aborted or not. */
export function held(): { readonly behaviour: Behaviour; readonly release: () => void } {
  let release!: () => void;
  const released = new Promise<void>((resolve) => (release = resolve));
  return {
    behaviour: async (answer) => {
      const early = answer();
      await released;
      return early;
    },
    release,
  };
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    if (signal.aborted) reject(new Error('aborted'));
  });
}

/** A channel that the test speaks through. */
export function channel() {
  const listeners: ChangeListener[] = [];
  const log = { begun: 0, ended: 0 };
  const watch = (listener: ChangeListener) => {
    log.begun += 1;
    listeners.push(listener);
    return () => void (log.ended += 1);
  };
  const announce: ChangeListener = Object.assign(
    (...given: Parameters<ChangeListener>) => listeners.forEach((listener) => listener(...given)),
    {
      lost: (cause: unknown) => listeners.forEach((listener) => listener.lost(cause)),
      resumed: () => listeners.forEach((listener) => listener.resumed()),
    },
  );
  return { watch, announce, log, listeners };
}
