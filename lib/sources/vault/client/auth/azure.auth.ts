import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { needed } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import { toFields } from '../call-fields.js';
import type { VaultAuthResponse } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultAzureLogin extends MountOption {
  readonly role: string;
  /** Of a managed identity, for the resource that the mount names. */
  readonly jwt: string;
  readonly subscriptionId?: string | undefined;
  readonly resourceGroupName?: string | undefined;
  readonly vmName?: string | undefined;
  readonly vmssName?: string | undefined;
  readonly resourceId?: string | undefined;
}

export const AZURE_LOGIN: OptionKinds<VaultAzureLogin> = {
  role: needed('text'),
  jwt: needed('text'),
  subscriptionId: 'text',
  resourceGroupName: 'text',
  vmName: 'text',
  vmssName: 'text',
  resourceId: 'text',
  mount: 'text',
};

/** `auth/azure` */
export class AzureAuth {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `POST auth/:mount/login`. Sets the client's token. @throws VaultInvalidRequestError where the JWT, or where it comes from, is refused. */
  async login(login: VaultAzureLogin): Promise<VaultAuthResponse> {
    const { mount = 'azure', ...sent } = ownOptions(login, AZURE_LOGIN, 'client.auth.azure.login');
    return this.#requester.login(VaultPath.of('auth', mount, 'login'), toFields(sent));
  }
}
