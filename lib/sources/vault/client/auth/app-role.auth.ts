import type { OptionKinds } from '../../../../core/options/option-kinds.js';
import { needed } from '../../../../core/options/option-kinds.js';
import { ownOptions } from '../../../../core/options/own-options.js';
import type { MountOption } from '../call-fields.js';
import { MOUNT_OPTIONS, mountOf, toFields } from '../call-fields.js';
import type { VaultAuthResponse, VaultResponse } from '../vault.answer.js';
import { isVaultError, VaultWrappingTokenError } from '../vault.errors.js';
import { segment, VaultPath, withoutSlashesAround } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';
import type { SysWrapping } from '../sys/wrapping.sys.js';

export interface VaultAppRoleLogin extends MountOption {
  readonly roleId: string;
  /** Left out where the role has `bind_secret_id=false`. */
  readonly secretId?: string | undefined;
}

export interface VaultSecretIdRequest extends MountOption {
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly cidrList?: readonly string[] | undefined;
  readonly tokenBoundCidrs?: readonly string[] | undefined;
  readonly numUses?: number | undefined;
  /** E.g. `'10m'`. */
  readonly ttl?: string | undefined;
}

export interface VaultSecretId {
  readonly secret_id: string;
  readonly secret_id_accessor: string;
  /** Seconds; 0 never ends. */
  readonly secret_id_ttl: number;
  readonly secret_id_num_uses: number;
}

export const APP_ROLE_LOGIN: OptionKinds<VaultAppRoleLogin> = {
  roleId: needed('text'),
  secretId: 'text',
  mount: 'text',
};

const UNWRAP_OPTIONS: OptionKinds<MountOption & { role?: string | undefined }> = { ...MOUNT_OPTIONS, role: 'text' };

/** `auth/approle` */
export class AppRoleAuth {
  readonly #requester: VaultRequester;
  readonly #wrapping: SysWrapping;

  constructor(requester: VaultRequester, wrapping: SysWrapping) {
    this.#requester = requester;
    this.#wrapping = wrapping;
  }

  /** `POST auth/:mount/login`. Sets the client's token. @throws VaultInvalidRequestError where role or secret ID are refused. */
  async login(login: VaultAppRoleLogin): Promise<VaultAuthResponse> {
    const { roleId, secretId, mount = 'approle' } = ownOptions(login, APP_ROLE_LOGIN, 'client.auth.appRole.login');
    return this.#requester.login(VaultPath.of('auth', mount, 'login'), { role_id: roleId, secret_id: secretId });
  }

  /** `POST auth/:mount/role/:role/secret-id`. Through `withWrapping` it gives a wrapping token, to be handed to the app. `mount` may stand in either object. */
  async generateSecretId(
    role: string,
    request: VaultSecretIdRequest = {},
    options?: MountOption,
  ): Promise<VaultResponse<VaultSecretId>> {
    const usual = mountOf(options, 'approle', 'client.auth.appRole.generateSecretId');
    const { mount = usual, metadata, ...sent } = request;
    const path = VaultPath.of('auth', mount, 'role', segment(role), 'secret-id');
    // Vault takes the metadata as a text that holds JSON.
    const body = { ...toFields(sent), ...(metadata && { metadata: JSON.stringify(metadata) }) };
    return this.#requester.call({ method: 'POST', path, body });
  }

  /**
   * A secret ID out of a wrapping token, once: the token is used up. Looked up first, for whoever read it on the way could have put a token of
   * their own in its place; its creation path must be exactly that of a secret ID at this mount, and of `role` where that is given.
   * @throws VaultWrappingTokenError, which is a VaultInvalidRequestError, for a wrapping token that is used, expired, or made by something else.
   */
  async unwrapSecretId(wrappingToken: string, options?: MountOption & { role?: string | undefined }): Promise<string> {
    const call = 'client.auth.appRole.unwrapSecretId';
    const { mount = 'approle', role } = ownOptions(options, UNWRAP_OPTIONS, call);
    const { data: found } = await this.#wrapping.lookup(wrappingToken).catch(spent);
    if (!isSecretIdPath(found.creation_path, mount, role, this.#requester.namespace)) {
      throw new VaultWrappingTokenError(
        `Vault: the wrapping token was not made by auth/${mount}/role/${role ?? '…'}/secret-id: it is not unwrapped. Somebody may have exchanged it on the way.`,
        'forged',
        { status: 400, path: 'sys/wrapping/lookup' },
      );
    }
    const { data } = await this.#wrapping.unwrap<VaultSecretId>(wrappingToken).catch(spent);
    return data.secret_id;
  }
}

/** Vault answers 400 for a wrapping token that it does not know, or knows no more. */
function spent(error: unknown): never {
  if (!isVaultError(error) || error.status !== 400 || error.isForeign) throw error;
  const { message, status, errors, warnings, path, call } = error;
  throw new VaultWrappingTokenError(message, 'spent', { status, errors, warnings, path, call });
}

function isSecretIdPath(path: string, mount: string, role: string | undefined, namespace: string | undefined): boolean {
  const prefix = `${namespace}/`;
  const inside = namespace !== undefined && path.startsWith(prefix) ? path.slice(prefix.length) : path;
  const [start, end] = [`auth/${withoutSlashesAround(mount)}/role/`, '/secret-id'];
  if (!inside.startsWith(start) || !inside.endsWith(end)) return false;
  const name = inside.slice(start.length, -end.length);
  return role === undefined ? /^[^/]+$/.test(name) : name === role;
}
