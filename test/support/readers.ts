import type { SecretRef } from 'nestjs-hcp-vault';
import type { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import type { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { RotatingResource } from '../../lib/core/rotation/rotating.js';
import type { Cell } from '../../lib/core/store/cell.js';
import { readCell } from '../../lib/core/store/cell.js';
import type { FakeClock } from './fake-clock.js';
import { settled } from './fake-clock.js';

export type ReaderKind = 'property' | 'ref' | 'get' | 'fetch' | 'withSecret' | 'use';

/** What a reader got, and when it asked and got it. */
export interface Got {
  readonly kind: ReaderKind;
  readonly asked: number;
  readonly at: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Readers of all kinds at work on one secret, each at each step of time. */
export class Readers {
  readonly got: Got[] = [];
  #pending = 0;
  #name = '';
  #cell!: Cell;
  #ref!: SecretRef;
  #resource: RotatingResource<unknown> | undefined;

  constructor(
    private readonly clock: FakeClock,
    private readonly runtime: SecretRuntime,
    private readonly client: HcpVaultClient,
  ) {}

  /** Begins to read a secret that is there. */
  async open(name: string): Promise<void> {
    this.#name = name;
    const { clock, runtime } = this;
    const secret = runtime.pin(name);
    this.#cell = secret.live.cell;
    this.#ref = this.client.ref(name);
    this.#resource = await RotatingResource.open<unknown>(
      name,
      { create: (value) => value, dispose: () => undefined, drain: 1_000, retryFor: 0 },
      {
        secret: secret.live,
        clock,
        random: () => 0.5,
        retry: runtime.options.policies.common.retry,
        warn: () => undefined,
        provide: () => runtime.provide(secret),
        report: () => runtime.rejections.report(secret),
      },
    );
    runtime.addDependent(this.#resource);
  }

  /** Lets time pass, with readings in between. */
  async work(milliseconds: number, every: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += every) {
      await this.clock.advance(Math.min(every, milliseconds - passed));
      this.look();
      await settled();
    }
  }

  /** One reading of each kind, in this turn. */
  look(): void {
    this.#sync('property', () => readCell(this.#cell));
    this.#sync('ref', () => this.#ref.value);
    this.#sync('get', () => this.client.get(this.#name));
    this.#async('fetch', () => this.client.fetch(this.#name));
    this.#async('withSecret', () => this.client.withSecret(this.#name, (value) => Promise.resolve(value)));
    this.#async('use', () => this.#resource!.use((value) => Promise.resolve(value)));
  }

  /** Readings that are not answered yet. */
  get pending(): number {
    return this.#pending;
  }

  /** What was got from `from` on (of `kinds`), and before `until`. */
  between(from: number, until = Number.POSITIVE_INFINITY, ...kinds: ReaderKind[]): Got[] {
    return this.got.filter(({ at, kind }) => at >= from && at < until && (kinds.length === 0 || kinds.includes(kind)));
  }

  /** Distinct values (users of credentials) and codes of errors, in the order in which they came. */
  seen(from = 0, until = Number.POSITIVE_INFINITY, ...kinds: ReaderKind[]): unknown[] {
    return [...new Set(this.between(from, until, ...kinds).map(({ value, error }) => error ?? short(value)))];
  }

  #sync(kind: ReaderKind, read: () => unknown): void {
    const asked = this.clock.now();
    try {
      this.got.push({ kind, asked, at: asked, value: read() });
    } catch (error) {
      this.got.push({ kind, asked, at: asked, error: codeOf(error) });
    }
  }

  #async(kind: ReaderKind, read: () => Promise<unknown>): void {
    const asked = this.clock.now();
    this.#pending += 1;
    void read()
      .then(
        (value) => this.got.push({ kind, asked, at: this.clock.now(), value }),
        (error: unknown) => this.got.push({ kind, asked, at: this.clock.now(), error: codeOf(error) }),
      )
      .finally(() => (this.#pending -= 1));
  }
}

const codeOf = (error: unknown): string => (error as { code?: string }).code ?? String(error);

const short = (value: unknown): unknown => (value as { user?: unknown } | undefined)?.user ?? value;
