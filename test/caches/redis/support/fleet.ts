import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { ReplicaLine, ReplicaSettings } from './replica-process.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/** One request that the source got. */
export interface SourceRead {
  readonly at: number;
  readonly by: string;
  readonly name: string;
  readonly value: number;
}

/** A source that has a new value at each reading, and counts. */
export class CountingSource {
  readonly reads: SourceRead[] = [];
  /** Called for each request, before it is answered; what it gives is waited for. */
  gate: (by: string) => Promise<void> | undefined = () => undefined;
  isAway = false;
  readonly #values = new Map<string, number>();
  readonly #server = createServer((request, response) => void this.#answer(request.url!, response));

  async start(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  countOf(name: string, since = 0): number {
    return this.reads.filter((read) => read.name === name && read.at >= since).length;
  }

  async #answer(url: string, response: ServerResponse): Promise<void> {
    const [, by = '', names = ''] = url.split('/');
    if (this.isAway) return void response.writeHead(503).end();
    const values: Record<string, number> = {};
    for (const name of names.split(',')) {
      values[name] = (this.#values.get(name) ?? 0) + 1;
      this.#values.set(name, values[name]);
      this.reads.push({ at: Date.now(), by, name, value: values[name] });
    }
    await this.gate(by);
    response.setHeader('content-type', 'application/json').end(JSON.stringify(values));
  }
}

export interface Shown {
  readonly name: string;
  readonly value: number;
  readonly at: number;
  readonly from: string;
}

export class ReplicaProcess {
  readonly shown: Shown[] = [];
  readonly logs: string[] = [];
  readonly ended: Promise<number | null>;
  readonly started: Promise<void>;

  constructor(
    readonly id: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = once(child, 'exit').then(([code]) => code as number | null);
    this.started = new Promise((resolve, reject) => {
      let errors = '';
      child.stderr!.on('data', (chunk: Buffer) => (errors += chunk.toString()));
      void this.ended.then(() => reject(new Error(`${id} ended: ${errors.slice(-2_000)}`)));
      createInterface(child.stdout!).on('line', (text) => {
        const line = JSON.parse(text) as ReplicaLine;
        if (line.type === 'started') resolve();
        else if (line.type === 'log') this.logs.push(line.text);
        else this.shown.push({ ...line, value: Number(line.value.replace('canary-', '')) });
      });
    });
    this.started.catch(() => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  last(name: string): number | undefined {
    return this.shown.findLast((shown) => shown.name === name)?.value;
  }
}

/** Processes that share one Redis, and one source. */
export class Fleet {
  readonly processes: ReplicaProcess[] = [];
  readonly #folder = join(root, 'node_modules', '.cache', `fleet-${process.pid}-${Date.now()}`);
  #number = 0;

  constructor(
    private readonly settings: Omit<ReplicaSettings, 'id'>,
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  build(): void {
    mkdirSync(this.#folder, { recursive: true });
    // In a process of its own: the bundler does not know the objects of jest's realm.
    const input = { replica: join(root, 'test/caches/redis/support/replica-process.ts') };
    const output = { dir: this.#folder, format: 'es', entryFileNames: '[name].mjs' };
    const work = `import { bundle } from './scripts/bundle.mjs'; await bundle(${JSON.stringify(input)}, ${JSON.stringify(output)});`;
    const args = ['--input-type=module', '-e', work];
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  }

  async add(count = 1): Promise<readonly ReplicaProcess[]> {
    const added = Array.from({ length: count }, () => this.#spawn());
    await Promise.all(added.map(({ started }) => started));
    return added;
  }

  get alive(): readonly ReplicaProcess[] {
    return this.processes.filter(({ isAlive }) => isAlive);
  }

  byId(id: string): ReplicaProcess {
    return this.processes.find((one) => one.id === id)!;
  }

  /**
   * Milliseconds from when who has read a value shows it until each other process shows that or a newer one: for each reading, of each process that lived
   * to show it; Infinity of one that lives, and doesn't.
   */
  delaysOf(reads: readonly SourceRead[]): number[] {
    return reads.flatMap(({ by, name, value }) => {
      const first = this.byId(by).shown.find((shown) => shown.name === name && shown.value === value);
      if (!first) return []; // it was killed before
      const others = this.processes.filter(({ id, shown }) => id !== by && shown.some(({ at }) => at < first.at));
      return others.flatMap(({ shown, isAlive }) => {
        const reached = shown.find((one) => one.name === name && one.value >= value);
        return reached ? Math.max(0, reached.at - first.at) : isAlive ? Number.POSITIVE_INFINITY : [];
      });
    });
  }

  async end(): Promise<void> {
    for (const one of this.alive) one.signal('SIGKILL');
    await Promise.all(this.processes.map(({ ended }) => ended));
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #spawn(): ReplicaProcess {
    const id = `r${(this.#number += 1)}`;
    const env = { ...process.env, ...this.environment, REPLICA: JSON.stringify({ ...this.settings, id }) };
    const child = spawn(process.execPath, [join(this.#folder, 'replica.mjs')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const replica = new ReplicaProcess(id, child);
    this.processes.push(replica);
    return replica;
  }
}
