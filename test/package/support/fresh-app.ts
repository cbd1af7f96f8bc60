import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runWell } from './run.js';

/** `compilerOptions` that `nest new` writes, of @nestjs/schematics 11.1.0 and 12.0.6, without `--strict`; what is jest's or vitest's is left out. */
const common = {
  module: 'nodenext',
  moduleResolution: 'nodenext',
  resolvePackageJsonExports: true,
  esModuleInterop: true,
  isolatedModules: true,
  declaration: true,
  removeComments: true,
  emitDecoratorMetadata: true,
  experimentalDecorators: true,
  allowSyntheticDefaultImports: true,
  target: 'ES2023',
  sourceMap: true,
  outDir: './dist',
  incremental: true,
  skipLibCheck: true,
};
const FRESH = {
  11: { ...common, strictNullChecks: true, forceConsistentCasingInFileNames: true },
  12: { ...common, rootDir: './src', strict: false, strictPropertyInitialization: false, types: ['node'] },
};

/** The first program of README.md, as it is published. */
async function firstProgram(project: string): Promise<string> {
  const readme = await readFile(join(project, 'node_modules/nestjs-hcp-vault/README.md'), 'utf8');
  const [, program] = /```ts\n(.*?)```/s.exec(readme) ?? [];
  if (program === undefined) throw new Error('README.md has no program.');
  return program;
}

/**
 * Compiles the first program of the README as `src/main.ts` of an app that `nest new` has just made, in an installed project, and gives what it prints.
 * @param type of its package.json; Nest 11's has none, so that it is CommonJS.
 */
export async function runFirstProgram(
  project: string,
  { nest, type, compiler }: { nest: keyof typeof FRESH; type?: 'module' | 'commonjs'; compiler: string },
): Promise<string> {
  const app = join(project, `fresh-${nest}-${type ?? 'plain'}-${compiler}`);
  await mkdir(join(app, 'src'), { recursive: true });
  await writeFile(join(app, 'src/main.ts'), await firstProgram(project));
  await writeFile(join(app, 'package.json'), JSON.stringify({ name: 'fresh', private: true, ...(type && { type }) }));
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions: FRESH[nest], include: ['src'] }));
  await runWell(process.execPath, [join(project, 'node_modules', compiler, 'bin/tsc'), '-p', 'tsconfig.json'], {
    cwd: app,
  });
  return runWell(process.execPath, ['dist/main.js'], { cwd: app });
}
