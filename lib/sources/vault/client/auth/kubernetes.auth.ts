import { SecretConfigurationError } from '../../../../core/errors/index.js';
import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { needed } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import { fileTrouble, readCredentialText } from '../../../watch/index.js';
import type { MountOption } from '../call-fields.js';
import type { VaultAuthResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultKubernetesLogin extends MountOption {
  readonly role: string;
  /** The service account's token. @default the content of `tokenFile` */
  readonly jwt?: string | undefined;
  /** Read again at each login, for Kubernetes replaces it. @default '/var/run/secrets/kubernetes.io/serviceaccount/token' */
  readonly tokenFile?: string | undefined;
}

export const KUBERNETES_LOGIN: OptionKinds<VaultKubernetesLogin> = {
  role: needed('text'),
  jwt: 'text',
  tokenFile: 'text',
  mount: 'text',
};

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/** `auth/kubernetes` */
export class KubernetesAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST auth/:mount/login`. Sets the client's token. @throws VaultForbiddenError where Kubernetes or the role refuses, SecretConfigurationError without a token file. */
  async login(login: VaultKubernetesLogin): Promise<VaultAuthResponse> {
    const given = ownOptions(login, KUBERNETES_LOGIN, 'client.auth.kubernetes.login');
    const { role, jwt, tokenFile, mount = 'kubernetes' } = given;
    const path = VaultPath.of('auth', mount, 'login');
    return this.#requester.login(path, { role, jwt: jwt ?? (await read(tokenFile ?? SERVICE_ACCOUNT)) });
  }
}

async function read(file: string): Promise<string> {
  try {
    return (await readCredentialText(file)).trim();
  } catch (cause) {
    const { reason, advice } = fileTrouble(file, cause);
    throw new SecretConfigurationError(`the service account's token can't be read: ${reason}`, {
      cause,
      advice: `${advice} Outside Kubernetes give \`tokenFile\`, or log in another way.`,
    });
  }
}
