import { PassThrough, type Readable } from 'node:stream';
import { run } from '../../lib/cli/run.js';
import type { EndSignal, Surroundings } from '../../lib/cli/surroundings.js';

export interface Called {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface Calling extends Partial<Omit<Surroundings, 'input' | 'onSignal'>> {
  readonly input?: string | Uint8Array | (Readable & { isTTY?: boolean }) | undefined;
}

/** The command line, called within this process; no signal of the process reaches it, only those of `send`. */
export class CommandCall {
  out = '';
  err = '';
  readonly bytes: Buffer[] = [];
  readonly code: Promise<number>;
  readonly #listeners = new Set<(signal: EndSignal) => void>();
  readonly #watchers = new Set<() => void>();

  constructor(argv: readonly string[], { input = '', ...around }: Calling = {}) {
    const write = (to: 'out' | 'err') => (given: string | Uint8Array) => {
      this[to] += typeof given === 'string' ? given : Buffer.from(given).toString('latin1');
      if (to === 'out') this.bytes.push(Buffer.from(given as string));
      for (const watcher of this.#watchers) watcher();
    };
    this.code = run(
      argv,
      { out: write('out'), err: write('err') },
      {
        environment: {},
        isTerminal: false,
        ...around,
        input: typeof input === 'string' || input instanceof Uint8Array ? new PassThrough().end(input) : input,
        onSignal: (listener) => {
          this.#listeners.add(listener);
          return () => this.#listeners.delete(listener);
        },
      },
    );
  }

  /** True where somebody listens. */
  send(signal: EndSignal): boolean {
    const heard = this.#listeners.size > 0;
    for (const listener of this.#listeners) listener(signal);
    return heard;
  }

  /** Resolves when standard output or error has it; rejects where the command ends before. */
  async shows(text: string): Promise<void> {
    await Promise.race([
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!(this.out + this.err).includes(text)) return;
          this.#watchers.delete(look);
          resolve();
        };
        this.#watchers.add(look);
        look();
      }),
      this.code.then((code) => {
        if (!(this.out + this.err).includes(text)) throw new Error(`ended with ${code}: ${this.err}`);
      }),
    ]);
  }
}

/** Calls the command line to its end. */
export async function called(argv: readonly string[], calling?: Calling): Promise<Called> {
  const call = new CommandCall(argv, calling);
  const code = await call.code;
  return { code, out: call.out, err: call.err };
}
