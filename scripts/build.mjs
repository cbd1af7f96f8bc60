// Builds what is published: bundles (bundle.mjs) in dist/esm and dist/cjs, and the declarations beside each. The same bytes each time, from any folder.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeBundles } from './bundle.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const emitted = join(dist, 'types');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function emitDeclarations() {
  const tsc = createRequire(import.meta.url).resolve('typescript/lib/tsc.js');
  const args = [tsc, '-p', join(root, 'tsconfig.build.json'), '--emitDeclarationOnly', '--outDir', emitted];
  const { status } = spawnSync(process.execPath, args, { stdio: 'inherit', cwd: root });
  if (status !== 0) process.exit(status ?? 1);
}

/** Declarations that those of the entries lead to; what else the compiler writes says nothing to a user. */
function reachable() {
  const found = new Set();
  const visit = (file) => {
    if (found.has(file)) return;
    found.add(file);
    for (const [, specifier] of readFileSync(file, 'utf8').matchAll(/(?:\bfrom |\bimport\(|\bimport )['"](\.[^'"]+)['"]/g)) {
      visit(join(dirname(file), specifier.replace(/\.js$/, '.d.ts')));
    }
  }; // prettier-ignore
  for (const [types] of JSON.stringify(manifest.exports).matchAll(/\.\/dist\/esm\/types\/[^"]+/g)) {
    visit(join(emitted, relative('dist/esm/types', types)));
  }
  return found;
}

rmSync(dist, { recursive: true, force: true });
await writeBundles(dist);
emitDeclarations();
// Once as ES modules' and once as CommonJS': the package.json above them decides which they are.
for (const file of reachable()) {
  for (const format of ['esm', 'cjs']) {
    const target = join(dist, format, 'types', relative(emitted, file));
    mkdirSync(dirname(target), { recursive: true });
    cpSync(file, target);
  }
}
rmSync(emitted, { recursive: true });
