import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './packed.js';
import { run } from './run.js';

const RESOLUTIONS = {
  node10: { module: 'commonjs', moduleResolution: 'node10', extensions: ['ts'] },
  node16: { module: 'node16', moduleResolution: 'node16', extensions: ['mts', 'cts'] },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', extensions: ['mts', 'cts'] },
  bundler: { module: 'esnext', moduleResolution: 'bundler', extensions: ['ts'] },
};

export type Resolution = keyof typeof RESOLUTIONS;
export type Fixture = 'plain' | 'augmented';

/**
 * Compiles a fixture of `consumers/types` in an installed project with one of its TypeScripts, with declarations checked too, and gives the
 * compiler's complaints. Those within other packages than ours are theirs.
 */
export async function complaints(project: string, compiler: string, resolution: Resolution, fixture: Fixture) {
  const { extensions, ...options } = RESOLUTIONS[resolution];
  const folder = join(project, 'types', `${compiler}-${resolution}-${fixture}`);
  await mkdir(folder, { recursive: true });
  const files = extensions.map((extension) => `${fixture}.${extension}`);
  for (const file of files) {
    await cp(join(root, 'test/package/consumers/types', `${fixture}.ts`), join(folder, file));
  }
  const compilerOptions = {
    ...options,
    target: 'es2022',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    skipLibCheck: false,
    noEmit: true,
    ...(compiler === 'typescript-6' && resolution === 'node10' && { ignoreDeprecations: '6.0' }),
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const { code, stdout } = await run(
    process.execPath,
    [join(project, 'node_modules', compiler, 'bin/tsc'), '-p', folder, '--pretty', 'false'],
    { cwd: project },
  );
  const lines = stdout.split('\n').filter((line) => / error TS\d+|^error /.test(line));
  if (code !== 0 && lines.length === 0) throw new Error(`${compiler} ended with ${code}: ${stdout}`);
  return lines.filter((line) => !/node_modules\/(?!nestjs-hcp-vault\/)/.test(line));
}
