import type { OptionKinds } from '../../core/options/option-kinds.js';

export interface KubernetesSecretsOptions {
  /** @default that of the pod, or of the kubeconfig's context, else `default` */
  readonly namespace?: string | undefined;
  /** The name of one Secret: each of its keys is a secret of its own name. */
  readonly document?: string | undefined;
  /** Whether the `document` may be absent as a whole: then it has no keys. @default false */
  readonly optional?: boolean | undefined;
  /** Only Secrets with these labels, e.g. `app=shop,tier!=test`; not beside `document`. @default all of the namespace */
  readonly labelSelector?: string | undefined;
  /** The path of a kubeconfig. @default KUBECONFIG; else, in a pod, its service account; else `~/.kube/config` */
  readonly kubeconfig?: string | undefined;
  /** The kubeconfig's context. @default its `current-context` */
  readonly context?: string | undefined;
  /** Text of a key that holds a JSON object or array becomes that. @default false */
  readonly json?: boolean | undefined;
  /** Whether `client.update` creates a missing Secret. @default false */
  readonly createIfMissing?: boolean | undefined;
  /** Permits plain http, and TLS without a check of the certificate, beyond loopback; warns at each start. @default false */
  readonly allowInsecure?: boolean | undefined;
}

export const KUBERNETES_SECRETS_OPTIONS: OptionKinds<KubernetesSecretsOptions> = {
  namespace: 'text',
  document: 'text',
  optional: 'boolean',
  labelSelector: 'text',
  kubeconfig: 'text',
  context: 'text',
  json: 'boolean',
  createIfMissing: 'boolean',
  allowInsecure: 'boolean',
};

/** What is an option elsewhere. */
export const KUBERNETES_HINTS = {
  server: 'It stands in the kubeconfig.',
  token: 'It stands in the kubeconfig, or is that of the pod.',
  tls: 'It stands in the kubeconfig.',
  prefix: 'Give `labelSelector`, or a namespace of their own.',
  fieldSelector: 'Give `document` for one Secret, or `labelSelector`.',
  timeout: 'It stands in the options of HcpVaultModule, for whatever source.',
};
