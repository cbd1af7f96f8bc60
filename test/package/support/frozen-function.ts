import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { childEnvironment } from './child-environment.mjs';
import { root } from './packed.js';

const runtime = join(root, 'test/package/consumers/shared/serverless/runtime.mjs');

/** What one call of the function gave, and what was seen of the process meanwhile. */
export interface FunctionAnswer {
  readonly atOnce?: string;
  readonly key?: string;
  readonly user?: string;
  readonly property?: string;
  readonly stale?: readonly string[];
  readonly failed?: readonly string[];
  /** Of the process, so far. */
  readonly rejections: readonly string[];
  /** Timers that fired during the call. */
  readonly fired: number;
}

/** A bundle as a platform runs it: called when somebody asks, and frozen between calls. */
export class FrozenFunction {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  /** Whatever it printed beside its answers. */
  printed = '';

  constructor(bundle: string, env: Record<string, string>) {
    this.#child = spawn(process.execPath, [runtime, bundle], { env: { ...childEnvironment(), ...env } });
    this.#child.stderr!.setEncoding('utf8').on('data', (text: string) => (this.printed += text));
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
  }

  async call(): Promise<FunctionAnswer> {
    this.#child.stdin!.write('call\n');
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done) throw new Error(`The function ended: ${this.printed}`);
      if (value.startsWith('{')) return JSON.parse(value) as FunctionAnswer;
      this.printed += `${value}\n`;
    }
  }

  freeze(): void {
    this.#child.kill('SIGSTOP');
  }

  /** Goes on with a call that has arrived meanwhile. */
  thaw(): Promise<FunctionAnswer> {
    const answer = this.call();
    this.#child.kill('SIGCONT');
    return answer;
  }

  /** Lets the process end by itself, and gives its exit code. */
  async end(): Promise<number | null> {
    const ended = once(this.#child, 'exit');
    this.#child.stdin!.end('end\n');
    const [code] = (await ended) as [number | null];
    return code;
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }
}
