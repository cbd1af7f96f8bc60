import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CompiledPackage } from './compiled-package.js';

/** The sample app, compiled beside the package that it uses. */
export class CompiledSampleApp {
  private readonly compiled = new CompiledPackage();

  constructor() {
    symlinkSync(join(process.cwd(), 'sample-app'), join(this.compiled.folder, 'sample-app'));
    this.compiled.compile('sample-app', '.sample-app');
  }

  /** Starts the app as a process of its own. */
  start(environment: Record<string, string> = {}): RunningSampleApp {
    const own = Object.entries(process.env).filter(([name]) => !/^(HCP_|NODE_OPTIONS|PORT$|HOST$)/.test(name));
    const env = { ...Object.fromEntries(own), PORT: '0', ...environment };
    const child = spawn(process.execPath, [join(this.compiled.folder, '.sample-app/main.js')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new RunningSampleApp(child);
  }

  remove(): void {
    this.compiled.remove();
  }
}

export class RunningSampleApp {
  output = '';
  /** What it ended with: an exit code, or the name of a signal. */
  readonly ended: Promise<number | string | null>;

  constructor(private readonly child: ChildProcessByStdio<null, Readable, Readable>) {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
    }
    this.ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  }

  /** The URL that it prints; rejects where it ends without one. */
  async url(): Promise<string> {
    const found = () => /http:\/\/[^\s/]+/.exec(this.output)?.[0];
    const printed = new Promise<void>((resolve) => this.child.stdout.on('data', () => found() && resolve()));
    await Promise.race([found() ?? printed, this.ended]);
    const url = found();
    if (url === undefined) throw new Error(`The sample app ended without a URL: ${this.output}`);
    return url;
  }

  stop(signal: NodeJS.Signals): Promise<number | string | null> {
    this.child.kill(signal);
    return this.ended;
  }
}
