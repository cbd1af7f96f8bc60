import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { snippetsOf } from '../docs/markdown.js';
import { run, type Outcome } from '../package/support/run.js';
import { CompiledPackage } from '../sample-app/compiled-package.js';

/** A user's project beside the built package, with our own copies of Nest and of what else its tests import. */
export class Consumer {
  private readonly compiled = new CompiledPackage();
  readonly folder = join(this.compiled.folder, 'consumer');

  /** @param from a folder whose files the project starts with. */
  constructor(from?: string) {
    mkdirSync(this.folder);
    if (from) cpSync(from, this.folder, { recursive: true });
  }

  /** To be called after an install, which removes what it does not know. */
  linkPackage(): void {
    mkdirSync(join(this.folder, 'node_modules'), { recursive: true });
    symlinkSync(this.compiled.folder, join(this.folder, 'node_modules/nestjs-hcp-vault'));
  }

  /** Compiles a test, as a user's build does; gives its path. */
  write(name: string, code: string): string {
    return this.compiled.write(join('consumer', name), code);
  }

  run(command: string, ...args: string[]): Promise<Outcome> {
    return run(command, args, { cwd: this.folder, env: { CI: 'true', NO_COLOR: '1' } });
  }

  remove(): void {
    this.compiled.remove();
  }
}

/** The snippets of a page that a runner of tests runs: those that import all of these. */
export function testsOf(page: string, ...imports: string[]): string[] {
  return snippetsOf(page)
    .map(({ code }) => code)
    .filter((code) => imports.every((text) => code.includes(text)));
}
