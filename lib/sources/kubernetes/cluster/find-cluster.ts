import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { isSecretError, SecretConfigurationError } from '../../../core/errors/index.js';
import { errorCode, readCredentialText } from '../../watch/index.js';
import { KIND } from '../kubernetes.errors.js';
import type { Cluster } from './cluster.js';
import { TokenFile } from './credential.js';
import { Kubeconfig } from './kubeconfig.js';
import { readText } from './pem-files.js';

/** Where the settings of a cluster are looked for. */
export interface ClusterSearch {
  /** As the options have it. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** Where a pod's service account is mounted. */
  readonly podFolder: string;
}

/**
 * The option, KUBECONFIG, the pod's own service account, `~/.kube/config`, in this order. Read again each time, for others may have written it.
 * Rejects with SecretErrors.
 */
export async function findCluster(search: ClusterSearch): Promise<Cluster> {
  const { kubeconfig, context, environment, podFolder } = search;
  const named =
    kubeconfig !== undefined ? [kubeconfig] : (environment['KUBECONFIG'] ?? '').split(delimiter).filter(Boolean);
  if (named.length > 0) {
    const of = kubeconfig !== undefined ? 'the option "kubeconfig"' : 'KUBECONFIG';
    return (await Kubeconfig.read(named, of, kubeconfig === undefined, environment)).cluster(context);
  }
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (host && port && context === undefined) return ofPod(host, port, podFolder);
  const own = join(environment['HOME'] || homedir(), '.kube', 'config');
  try {
    return (await Kubeconfig.read([own], `"${own}"`, false, environment)).cluster(context);
  } catch (error) {
    const isAbsent = isSecretError(error) && (error.cause as { code?: unknown } | undefined)?.code === 'ENOENT';
    throw isAbsent ? nowhere(own) : error;
  }
}

async function ofPod(host: string, port: string, folder: string): Promise<Cluster> {
  const ca = join(folder, 'ca.crt');
  return {
    server: `https://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`,
    serverOption: 'the server (KUBERNETES_SERVICE_HOST)',
    tls: () => ({ ca: readText(ca, 'the CA of the pod') }),
    verify: true,
    proxy: undefined,
    namespace: await namespaceIn(folder),
    credential: new TokenFile(join(folder, 'token')),
  };
}

/** A pod may mount the token without it. */
async function namespaceIn(folder: string): Promise<string | undefined> {
  try {
    return (await readCredentialText(join(folder, 'namespace'))).trim() || undefined;
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw new SecretConfigurationError('the namespace of the pod can’t be read.', {
      sourceKind: KIND,
      cause,
      advice: 'Give the option `namespace`.',
    });
  }
}

const nowhere = (own: string): SecretConfigurationError =>
  new SecretConfigurationError(
    `there is no cluster to ask: this is not a pod, KUBECONFIG is not set, and there is no "${own}".`,
    {
      sourceKind: KIND,
      advice: 'Give the option `kubeconfig`, or set KUBECONFIG.',
    },
  );
