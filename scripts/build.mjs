// Builds the package twice from one source: ESM in dist/esm, CommonJS in dist/cjs.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');

function compile(project) {
  const { status } = spawnSync(process.execPath, [tsc, '-p', join(root, project)], { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exit(status ?? 1);
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
compile('tsconfig.build.json');
compile('tsconfig.cjs.json');
mkdirSync(join(root, 'dist/cjs'), { recursive: true });
// The root package.json says "module"; the nearest one decides, so the CommonJS tree carries its own.
writeFileSync(join(root, 'dist/cjs/package.json'), '{"type":"commonjs"}\n');
chmodSync(join(root, 'dist/esm/cli/main.js'), 0o755);
