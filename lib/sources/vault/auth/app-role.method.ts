import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { groupOrBoolean, needed } from '../../../core/options/option-kinds.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { VaultAuthentication } from './authentication.js';
import type { VaultCredential } from './credential.js';
import { checkCredential, readCredential } from './credential.js';

export interface AppRoleOptions {
  readonly roleId: VaultCredential;
  /** Left out where the role has `bind_secret_id=false`. */
  readonly secretId?: VaultCredential | undefined;
  /**
   * `secretId` is a wrapping token that holds the secret-id, and that can be used once: what was unwrapped is kept in memory for later logins, until
   * another wrapping token is given. `{ role }` takes only one that was made for this role. @default false
   */
  readonly wrapped?: boolean | { readonly role: string } | undefined;
  /** @default 'approle' */
  readonly mount?: string | undefined;
}

export const APP_ROLE_OPTIONS: OptionKinds<AppRoleOptions> = {
  roleId: needed('any'),
  secretId: 'any',
  wrapped: groupOrBoolean<{ readonly role: string }>({ role: needed('text') }),
  mount: 'text',
};

/** The login of AppRole. Throws SecretConfigurationError for options that can't be meant. */
export function appRole(options: AppRoleOptions): VaultAuthentication {
  const { roleId, secretId, wrapped = false, mount } = ownOptions(options, APP_ROLE_OPTIONS, 'appRole');
  checkCredential(roleId, 'roleId', 'appRole');
  checkCredential(secretId, 'secretId', 'appRole');
  // In the closure, where nothing that prints the method finds it.
  let unwrapped: { readonly from: string; readonly secretId: string } | undefined;
  return VaultAuthentication.of('AppRole', async (client) => {
    const role = await readCredential(roleId, 'roleId');
    if (secretId === undefined) return client.auth.appRole.login({ roleId: role, mount });
    let secret: string;
    try {
      secret = await readCredential(secretId, 'secretId');
    } catch (error) {
      if (!unwrapped) throw error;
      secret = unwrapped.from; // whoever put the wrapping token there may have taken it away
    }
    if (wrapped === false) return client.auth.appRole.login({ roleId: role, secretId: secret, mount });
    if (unwrapped?.from !== secret) {
      const options = { mount, ...(typeof wrapped === 'object' && { role: wrapped.role }) };
      unwrapped = { from: secret, secretId: await client.auth.appRole.unwrapSecretId(secret, options) };
    }
    return client.auth.appRole.login({ roleId: role, secretId: unwrapped.secretId, mount });
  });
}
