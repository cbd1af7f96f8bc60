import { SecretConfigurationError } from '../../core/errors/index.js';
import { ownOptions } from '../../core/options/own-options.js';
import { nameFault } from '../../core/secret/secret-name.js';
import type { ClusterSearch } from './cluster/find-cluster.js';
import { KIND } from './kubernetes.errors.js';
import { SECRET_RULES } from './kubernetes.names.js';
import type { KubernetesSecretsOptions } from './kubernetes.options.js';
import { KUBERNETES_HINTS, KUBERNETES_SECRETS_OPTIONS } from './kubernetes.options.js';
import type { WatchTimes } from './watch/watch-times.js';
import { WATCH_TIMES } from './watch/watch-times.js';

/** The options, checked. */
export interface KubernetesSettings {
  /** As given; else the cluster's own settings tell. */
  readonly namespace: string | undefined;
  readonly document: string | undefined;
  readonly labelSelector: string | undefined;
  readonly isOptional: boolean;
  readonly json: boolean;
  readonly createsMissing: boolean;
  readonly allowInsecure: boolean;
  readonly search: ClusterSearch;
  readonly times: WatchTimes;
}

/** What a test may set. */
export interface KubernetesHooks {
  readonly environment?: NodeJS.ProcessEnv | undefined;
  /** Where a pod's service account is mounted. */
  readonly podFolder?: string | undefined;
  readonly times?: Partial<WatchTimes> | undefined;
}

const POD_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';
const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Throws SecretConfigurationError for options that can't be meant. */
export function resolveSettings(
  given: KubernetesSecretsOptions | undefined,
  { environment = process.env, podFolder = POD_FOLDER, times }: KubernetesHooks,
): KubernetesSettings {
  const details = { sourceKind: KIND };
  const options = ownOptions(given, KUBERNETES_SECRETS_OPTIONS, 'kubernetesSecrets', {
    hints: KUBERNETES_HINTS,
    details,
  });
  const { namespace, document, labelSelector, kubeconfig, context } = options;
  const { optional = false, json = false, createIfMissing = false, allowInsecure = false } = options;
  if (namespace !== undefined) checkNamespace(namespace, 'namespace');
  const fault = document === undefined ? undefined : nameFault(document, SECRET_RULES);
  if (fault) throw misconfigured(`document ${fault.text}.`);
  if (document !== undefined && labelSelector !== undefined) {
    throw misconfigured('labelSelector chooses among Secrets, and document names one: give one of them.');
  }
  if (optional && document === undefined) {
    throw misconfigured(
      '"optional" stands beside "document": it permits that document to be absent; single names may be absent anyway.',
    );
  }
  if (labelSelector?.trim() === '' || kubeconfig === '' || context === '') {
    throw misconfigured('labelSelector, kubeconfig and context are not empty texts: leave out what is not meant.');
  }
  return {
    namespace,
    document,
    labelSelector,
    isOptional: optional,
    json,
    createsMissing: createIfMissing,
    allowInsecure,
    search: { kubeconfig, context, environment, podFolder },
    times: { ...WATCH_TIMES, ...times },
  };
}

/** @throws SecretConfigurationError for what is not a namespace, and could lead elsewhere in a path. */
export function checkNamespace(namespace: string, of: string): string {
  if (NAMESPACE.test(namespace)) return namespace;
  throw misconfigured(`${of} is not a namespace: these have lower-case letters, digits and dashes, 63 at most.`);
}

const misconfigured = (reason: string): SecretConfigurationError =>
  new SecretConfigurationError(reason, { sourceKind: KIND });
