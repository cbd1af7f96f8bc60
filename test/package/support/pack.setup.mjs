// Packs the package once for all tests of what is published: from a copy without `dist`, so that `prepack` has to build it.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { childEnvironment } from './child-environment.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const sources =
  /^(lib|docs|schematics|scripts|package\.json|tsconfig.*\.json|README\.md|CHANGELOG\.md|SECURITY\.md|LICENSE|\.npmrc)$/;

export default function pack() {
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-hcp-vault-'));
  const checkout = join(folder, 'checkout');
  mkdirSync(checkout);
  for (const name of readdirSync(root)) {
    if (sources.test(name)) cpSync(join(root, name), join(checkout, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(checkout, 'node_modules'));
  const options = { cwd: checkout, env: childEnvironment(), encoding: 'utf8' };
  const packing = spawnSync('npm', ['pack', '--pack-destination', folder], options);
  if (packing.status !== 0) {
    rmSync(folder, { recursive: true, force: true }); // no teardown follows a setup that fails
    throw new Error(`npm pack failed\n${packing.stdout}\n${packing.stderr}`);
  }
  const tarball = join(
    folder,
    readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
  execFileSync('tar', ['-xzf', tarball, '-C', folder]); // to `package/`
  process.env.PACKED_FOLDER = folder;
  process.env.PACKED_TARBALL = tarball;
}
