import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import ts from 'typescript';

const root = process.cwd();

/** The package and its sample app, compiled file by file into a folder of their own: `dist` may be missing, old, or in the making by another test. */
export class CompiledSampleApp {
  private readonly folder = mkdtempSync(join(tmpdir(), 'sample-app-'));

  constructor() {
    cpSync(join(root, 'package.json'), join(this.folder, 'package.json'));
    for (const name of ['node_modules', 'sample-app']) symlinkSync(join(root, name), join(this.folder, name));
    this.compile('lib', 'dist/esm');
    this.compile('sample-app', '.sample-app');
  }

  /** Starts the app as a process of its own. */
  start(environment: Record<string, string> = {}): RunningSampleApp {
    const own = Object.entries(process.env).filter(([name]) => !/^(HCP_|NODE_OPTIONS|PORT|HOST$)/.test(name));
    const env = { ...Object.fromEntries(own), PORT: '0', ...environment };
    const child = spawn(process.execPath, [join(this.folder, '.sample-app/main.js')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new RunningSampleApp(child);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private compile(from: string, to: string): void {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
    const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, noEmit: false }, root);
    for (const file of readdirSync(join(root, from), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue;
      const fileName = join(root, from, file);
      const out = join(this.folder, to, file.replace(/\.ts$/, '.js'));
      mkdirSync(dirname(out), { recursive: true });
      // Whole, as `isolatedModules` is on; types are checked by `npm run typecheck`.
      const compilerOptions = { ...options, module: ts.ModuleKind.ESNext };
      writeFileSync(out, ts.transpileModule(readFileSync(fileName, 'utf8'), { compilerOptions, fileName }).outputText);
    }
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
