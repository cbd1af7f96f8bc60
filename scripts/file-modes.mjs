// Sets the modes of all files that are published: they go into the tarball, and with them a checkout's umask into its hash.
import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { bin, files } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const programs = new Set(Object.values(bin).map((path) => join(root, path)));

function set(path) {
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) set(join(path, name));
  else chmodSync(path, programs.has(path) ? 0o755 : 0o644);
}

for (const name of ['package.json', ...files]) if (existsSync(join(root, name))) set(join(root, name));
