// `npm run docs:site`: installs the generators where they aren't yet, builds the site, and checks it; with `-- --serve`
// serves it on a loopback port.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sidebarProblems } from './pages.mjs';
import { stage } from './staged.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const pages = join(here, '.build/pages');
const site = join(here, '.build/site');

const version = (path) => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).version : undefined);

/** Installed is what the lock says, of the packages that are named. */
function isInstalled() {
  const { packages } = JSON.parse(readFileSync(join(here, 'package-lock.json'), 'utf8'));
  return Object.keys(packages[''].devDependencies).every(
    (name) => version(join(here, 'node_modules', name, 'package.json')) === packages[`node_modules/${name}`].version,
  );
}

function run(command, args) {
  const { status } = spawnSync(command, args, { cwd: here, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) process.exit(status ?? 1);
}

const began = performance.now();
const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;

const problems = sidebarProblems();
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exit(1);

if (!isInstalled()) {
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  console.log(`installed: ${seconds()}`);
}
stage(pages);
const { build } = await import('vitepress');
await build(here);
console.log(`pages: ${seconds()}`);
const { writeApi } = await import('./api.mjs');
console.log(`API of ${await writeApi(join(site, 'api'))} modules, no warnings: ${seconds()}`);
const { checkSite } = await import('./checked.mjs');
const faults = await checkSite(site);
for (const fault of faults) console.error(fault);
console.log(`docs-site/.build/site: ${faults.length} faults: ${seconds()}`);
if (faults.length > 0) process.exit(1);
if (process.argv.includes('--serve')) {
  const { serve } = await import('vitepress');
  await serve({ root: here });
} else process.exit();
