import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Progress } from '../fixtures/starting.main.js';
import type { WatchedFront } from './watched-front.js';
import { startWatchedFront } from './watched-front.js';

export interface StartOptions {
  readonly program: string;
  /** Of the server; the app goes there through a front of its own. */
  readonly address: string;
  readonly login: { readonly roleId: string; readonly secretId: string };
  /** Milliseconds in place of two minutes. */
  readonly startUpLife: number;
  /** As the program knows it; nowhere by any other word. */
  readonly failsAt: string;
}

const running = new Set<StartingProcess>();
// A test run that dies must not leave apps behind.
process.on('exit', () => {
  for (const app of running) app.kill();
});

/** An app that starts in a process of its own. */
export class StartingProcess {
  readonly #progress: Progress[] = [];
  readonly #ended: Promise<number | string>;
  #output = '';

  private constructor(
    private readonly child: ChildProcess,
    readonly front: WatchedFront,
  ) {
    running.add(this);
    for (const stream of [child.stdout, child.stderr]) {
      stream!.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    child.on('message', (progress: Progress) => void this.#progress.push(progress));
    this.#ended = once(child, 'close').then(([code, signal]) => {
      running.delete(this);
      front.stop();
      return (code ?? signal) as number | string;
    });
  }

  static async begin({ program, address, login, startUpLife, failsAt }: StartOptions) {
    const front = await startWatchedFront(address);
    const args = [failsAt, front.address, login.roleId, login.secretId, startUpLife, front.port].map(String);
    return new StartingProcess(
      spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }),
      front,
    );
  }

  /** Ends what a test that failed has left. */
  static async killAll(): Promise<void> {
    const apps = [...running];
    for (const app of apps) app.kill();
    await Promise.all(apps.map((app) => app.ended()));
  }

  /** All that it printed. */
  get output(): string {
    return this.#output;
  }

  /** Resolves once it is so far; rejects where it ends before. */
  async reached(progress: Exclude<Progress, object>): Promise<void> {
    const early = this.#ended.then((how) => {
      throw new Error(`It ended (${how}) before "${progress}": ${this.#output}`);
    });
    early.catch(() => undefined); // of no concern once it is so far
    while (!this.#progress.includes(progress)) await Promise.race([once(this.child, 'message'), early]);
  }

  /** Its user at the database, as the app itself knows it now. */
  async user(): Promise<string> {
    const answer = once(this.child, 'message');
    this.tell('who');
    return ((await answer) as [{ user: string }])[0].user;
  }

  tell(message: 'fail' | 'who' | 'close'): void {
    this.child.send(message);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Exit code or signal, once it is gone. */
  ended(): Promise<number | string> {
    return this.#ended;
  }
}
