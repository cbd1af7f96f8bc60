import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = process.cwd();

/** The package, bundled into a folder of its own: `dist` may be missing, old, or in the making by another test. */
export class CompiledPackage {
  readonly folder = mkdtempSync(join(tmpdir(), 'compiled-package-'));
  readonly #options: ts.CompilerOptions;

  constructor() {
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
    const { options } = ts.convertCompilerOptionsFromJson({ ...config.compilerOptions, noEmit: false }, root);
    this.#options = { ...options, module: ts.ModuleKind.ESNext };
    cpSync(join(root, 'package.json'), join(this.folder, 'package.json'));
    symlinkSync(join(root, 'node_modules'), join(this.folder, 'node_modules'));
    const bundling = spawnSync(process.execPath, [join(root, 'scripts/bundle.mjs'), join(this.folder, 'dist')]);
    if (bundling.status !== 0) throw new Error(String(bundling.stderr));
  }

  /** Compiles a folder of the repository; the result imports the package by its public name. */
  compile(from: string, to: string): void {
    for (const file of readdirSync(join(root, from), { recursive: true, encoding: 'utf8' })) {
      if (file.endsWith('.ts')) this.write(join(to, file), readFileSync(join(root, from, file), 'utf8'));
    }
  }

  /** Compiles one text, whole as `isolatedModules` is on; types are not checked here. Gives the path of what came of it. */
  write(fileName: string, text: string): string {
    const path = join(this.folder, fileName.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, ts.transpileModule(text, { compilerOptions: this.#options, fileName }).outputText);
    return path;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
