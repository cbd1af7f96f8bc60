import type { KubernetesSecretsOptions } from './kubernetes.options.js';
import { KubernetesSecretsSource } from './kubernetes.source.js';

// The public promise of `nestjs-hcp-vault/kubernetes`. It needs no client of Kubernetes'; `yaml` only for a kubeconfig that is not JSON.
export type { KubernetesSecretsOptions } from './kubernetes.options.js';
export type { KubernetesSecretsSource } from './kubernetes.source.js';

/**
 * The Secrets of one namespace, by the API, told at once of what changes. In a pod its service account reads them; outside a kubeconfig tells how.
 * Throws SecretConfigurationError for options that can't be meant. See {@link KubernetesSecretsSource} for the shapes of values.
 */
export const kubernetesSecrets = (options?: KubernetesSecretsOptions): KubernetesSecretsSource =>
  new KubernetesSecretsSource(options);
