import {
  awsCliBinary,
  azureClients,
  ferretDbBinary,
  googleGoClient,
  googleNodeClient,
  googlePythonClient,
  hashiCorpVaultBinary,
  kafkaFolder,
  kubectlBinary,
  kubernetesBinary,
  kubernetesClient,
  mariaDb,
  motoBinary,
  openBaoBinary,
  openLdap,
  postgresFolder,
  pubSubBinary,
  redisBinary,
  vaultBinary,
} from './locations.mjs';
import type { VaultProduct } from './vault.server.js';

/** 'vault' is either product; 'any vault' is also one that runs already (VAULT_ADDR and VAULT_TOKEN). */
export type ServerName =
  | 'vault'
  | 'any vault'
  | 'HashiCorp Vault'
  | 'OpenBao'
  | 'postgresql'
  | 'redis'
  | 'MariaDB'
  | 'FerretDB'
  | 'OpenLDAP'
  | 'Kafka'
  | 'Kubernetes'
  | 'kubectl'
  | "Kubernetes' client for Node"
  | 'Pub/Sub'
  | 'moto'
  | 'aws'
  | 'azure-clients'
  | "Google's client for Go"
  | "Google's client for Node"
  | "Google's client for Python";

const found: Record<ServerName, () => unknown> = {
  // A server of their own, for they change its mounts as they like.
  vault: vaultBinary,
  'any vault': () => vaultBinary() ?? (process.env['VAULT_ADDR'] && process.env['VAULT_TOKEN']),
  'HashiCorp Vault': hashiCorpVaultBinary,
  OpenBao: openBaoBinary,
  postgresql: postgresFolder,
  redis: redisBinary,
  MariaDB: mariaDb,
  FerretDB: ferretDbBinary,
  OpenLDAP: openLdap,
  Kafka: kafkaFolder,
  Kubernetes: kubernetesBinary,
  kubectl: kubectlBinary,
  "Kubernetes' client for Node": kubernetesClient,
  'Pub/Sub': pubSubBinary,
  moto: motoBinary,
  aws: awsCliBinary,
  'azure-clients': azureClients,
  "Google's client for Go": googleGoClient,
  "Google's client for Node": googleNodeClient,
  "Google's client for Python": googlePythonClient,
};

const products = { vault: 'HashiCorp Vault', openbao: 'OpenBao' } as const satisfies Record<VaultProduct, ServerName>;

/**
 * A `describe` that needs real servers. Where one can't be had the tests are left out, with the reason in their title; with CI=true that is a failure,
 * for a pipeline that tests nothing looks the same as one where all is well.
 */
export function describeWith(needs: readonly ServerName[], title: string, tests: () => void): void {
  const missing = needs.filter((name) => !found[name]());
  if (missing.length === 0) return describe(title, tests);
  const reason = `${missing.join(' and ')} can't be had on this machine: npm run servers`;
  if (process.env['CI'] === 'true') {
    return describe(title, () => {
      test(`needs a server: ${reason}`, () => {
        throw new Error(reason);
      });
    });
  }
  // jest names no skipped test unless asked to.
  process.stderr.write(`left out: ${title}: ${reason}\n`);
  describe.skip(`${title} (left out: ${reason})`, tests);
}

/** The same tests once for each of the two products, `%s` in the title being its name. What is true of one alone says so by `product`. */
export function describeOnEachVault(
  needs: readonly ServerName[],
  title: string,
  tests: (product: VaultProduct) => void,
): void {
  for (const product of ['vault', 'openbao'] as const) {
    const name = products[product];
    describeWith([name, ...needs], title.replace('%s', name), () => tests(product));
  }
}
