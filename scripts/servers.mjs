// `npm run servers`: the real servers that the tests talk to. Builds Vault from its published Go module and installs moto, each once, into
// a cache folder outside the repository, and names what else is missing. With CI=true something missing is a failure.
import { spawnSync } from 'node:child_process';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  MOTO_VERSION,
  builtMoto,
  builtVault,
  isExecutable,
  motoBinary,
  motoFolder,
  onPath,
  postgresFolder,
  redisBinary,
  vaultBinary,
  vaultModule,
} from '../test/servers/locations.mjs';

const missing = [];

function run(command, args, options = {}) {
  // nice: ten minutes of compiling should leave the machine usable
  return spawnSync('nice', [command, ...args], { stdio: 'inherit', ...options }).status === 0;
}

function buildVault() {
  if (isExecutable(builtVault)) return;
  if (!onPath('go')) {
    if (!vaultBinary() && !process.env.VAULT_ADDR) {
      missing.push(
        'vault: install Go 1.25 or newer and run this again, or put `vault` or `bao` on PATH, or set VAULT_ADDR and VAULT_TOKEN',
      );
    }
    return;
  }
  console.log('vault: building HashiCorp Vault (about ten minutes and 4 GB of Go caches, once)…');
  mkdirSync(dirname(builtVault), { recursive: true });
  // Under another name until it is whole: a build that was interrupted, or runs twice, must not be taken for a server.
  const unfinished = `${builtVault}.${process.pid}`;
  const built = run('go', ['build', '-trimpath', '-ldflags', '-s -w', '-p', '2', '-o', unfinished, '.'], {
    cwd: vaultModule,
    env: { ...process.env, CGO_ENABLED: '0' },
  });
  if (built) renameSync(unfinished, builtVault);
  else missing.push('vault: the build failed, see above');
}

function installMoto() {
  if (motoBinary()) return;
  const python = onPath('python3');
  if (!python) return void missing.push('moto: install Python 3.9 or newer (apt-get install python3-venv)');
  console.log(`moto: installing moto[server] ${MOTO_VERSION}…`);
  mkdirSync(dirname(motoFolder), { recursive: true });
  const installed =
    run(python, ['-m', 'venv', '--clear', motoFolder]) &&
    run(`${motoFolder}/bin/pip`, [
      'install',
      '--quiet',
      '--disable-pip-version-check',
      `moto[server]==${MOTO_VERSION}`,
    ]);
  if (installed && isExecutable(builtMoto)) return;
  rmSync(motoFolder, { recursive: true, force: true });
  missing.push('moto: the installation failed, see above (apt-get install python3-venv, where there is no venv)');
}

function look() {
  if (!postgresFolder()) missing.push('postgresql: apt-get install -y postgresql');
  if (!redisBinary()) missing.push('redis: apt-get install -y redis-server');
}

// The small one first, so that tests that need it alone can begin.
installMoto();
buildVault();
look();

const found = {
  vault: vaultBinary() ?? process.env.VAULT_ADDR,
  moto: motoBinary(),
  postgresql: postgresFolder(),
  redis: redisBinary(),
};
for (const [name, where] of Object.entries(found)) if (where) console.log(`${name}: ${where}`);
for (const line of missing) console.log(`missing · ${line}`);
if (missing.length > 0) console.log('Tests that need what is missing are left out, and say so.');
process.exit(missing.length > 0 && process.env.CI === 'true' ? 1 : 0);
