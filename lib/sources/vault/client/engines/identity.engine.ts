import type { MountOption } from '../call-fields.js';
import { mountOf, toFields } from '../call-fields.js';
import type { VaultKeys, VaultResponse } from '../vault.answer.js';
import { segment, VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultIdentityToken {
  /** A signed JWT. */
  readonly token: string;
  readonly client_id: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface VaultIdentityRoleRequest {
  /** The key that signs, which has to allow the role's `clientId`. */
  readonly key: string;
  /** Claims, in JSON or its base64, e.g. `'{ "groups": {{identity.entity.groups.names}} }'`. */
  readonly template?: string | undefined;
  /** `aud` of the tokens. @default one that Vault makes up */
  readonly clientId?: string | undefined;
  /** Of the tokens, e.g. `'1h'`. @default '24h' */
  readonly ttl?: string | undefined;
}

export interface VaultIdentityRole {
  readonly key: string;
  readonly template: string;
  readonly client_id: string;
  /** Seconds. */
  readonly ttl: number;
}

export interface VaultIdentityKeyRequest {
  /** E.g. `'24h'`, at least `'1m'`. @default '24h' */
  readonly rotationPeriod?: string | undefined;
  /** How long a replaced key is still shown to whoever checks tokens, e.g. `'24h'`. @default '24h' */
  readonly verificationTtl?: string | undefined;
  /** Of the roles that may use it; `['*']` for all. @default [] */
  readonly allowedClientIds?: readonly string[] | undefined;
  /** @default 'RS256' */
  readonly algorithm?: 'RS256' | 'RS384' | 'RS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | undefined;
}

export interface VaultIdentityKey {
  readonly algorithm: string;
  readonly allowed_client_ids: readonly string[];
  /** Seconds. */
  readonly rotation_period: number;
  /** Seconds. */
  readonly verification_ttl: number;
}

/** Public keys as in RFC 7517. */
export interface VaultIdentityKeySet {
  readonly keys: readonly Readonly<Record<string, unknown>>[];
}

/** Identity's signed tokens (OIDC): a JWT of the entity behind the client's token, and what signs it. `mount` is `'identity'` unless given. */
export class IdentityEngine {
  readonly #requester: VaultRequester;

  constructor(requester: VaultRequester) {
    this.#requester = requester;
  }

  /** `GET :mount/oidc/token/:role`. @throws VaultInvalidRequestError for a token without an entity (root, `auth.token.create`), or an unknown role. */
  async generateToken(role: string, options?: MountOption): Promise<VaultResponse<VaultIdentityToken>> {
    const path = oidc(mountOf(options, 'identity', 'client.identity.generateToken'), 'token', segment(role));
    return this.#requester.call({ path });
  }

  /** `POST :mount/oidc/introspect`: whether a token is good, and for `clientId` where that is given. One that is not is not an error: `data.error` says why. */
  async introspectToken(
    token: string,
    request: { readonly clientId?: string | undefined } = {},
    options?: MountOption,
  ): Promise<VaultResponse<{ readonly active: boolean; readonly error?: string }>> {
    const path = oidc(mountOf(options, 'identity', 'client.identity.introspectToken'), 'introspect');
    const body = { token, ...toFields(request) };
    return this.#requester.call({ method: 'POST', path, body, repeatable: true });
  }

  /** `POST :mount/oidc/role/:role` */
  async createOrUpdateRole(
    role: string,
    request: VaultIdentityRoleRequest,
    options?: MountOption,
  ): Promise<VaultResponse<null>> {
    const mount = mountOf(options, 'identity', 'client.identity.createOrUpdateRole');
    return this.#put(oidc(mount, 'role', segment(role)), toFields(request));
  }

  /** `GET :mount/oidc/role/:role`. @throws VaultInvalidPathError where there is none. */
  async readRole(role: string, options?: MountOption): Promise<VaultResponse<VaultIdentityRole>> {
    const path = oidc(mountOf(options, 'identity', 'client.identity.readRole'), 'role', segment(role));
    return this.#requester.call({ path });
  }

  /** `LIST :mount/oidc/role` */
  async listRoles(options?: MountOption): Promise<VaultResponse<VaultKeys>> {
    return this.#requester.list(oidc(mountOf(options, 'identity', 'client.identity.listRoles'), 'role'));
  }

  /** `DELETE :mount/oidc/role/:role` */
  async deleteRole(role: string, options?: MountOption): Promise<VaultResponse<null>> {
    const path = oidc(mountOf(options, 'identity', 'client.identity.deleteRole'), 'role', segment(role));
    return this.#requester.call({ method: 'DELETE', path });
  }

  /** `POST :mount/oidc/key/:name`: a named key, made where there is none. */
  async createOrUpdateKey(
    name: string,
    request: VaultIdentityKeyRequest = {},
    options?: MountOption,
  ): Promise<VaultResponse<null>> {
    const mount = mountOf(options, 'identity', 'client.identity.createOrUpdateKey');
    return this.#put(oidc(mount, 'key', segment(name)), toFields(request));
  }

  /** `GET :mount/oidc/key/:name`: all but the key itself. @throws VaultInvalidPathError where there is none. */
  async readKey(name: string, options?: MountOption): Promise<VaultResponse<VaultIdentityKey>> {
    const path = oidc(mountOf(options, 'identity', 'client.identity.readKey'), 'key', segment(name));
    return this.#requester.call({ path });
  }

  /** `LIST :mount/oidc/key` */
  async listKeys(options?: MountOption): Promise<VaultResponse<VaultKeys>> {
    return this.#requester.list(oidc(mountOf(options, 'identity', 'client.identity.listKeys'), 'key'));
  }

  /** `POST :mount/oidc/key/:name/rotate`. @param request.verificationTtl how long the replaced key is still shown. @default the key's own */
  async rotateKey(
    name: string,
    request: { readonly verificationTtl?: string | undefined } = {},
    options?: MountOption,
  ): Promise<VaultResponse<null>> {
    const path = oidc(mountOf(options, 'identity', 'client.identity.rotateKey'), 'key', segment(name), 'rotate');
    return this.#requester.call({ method: 'POST', path, body: toFields(request) });
  }

  /** `DELETE :mount/oidc/key/:name`. @throws VaultInvalidRequestError while a role has it. */
  async deleteKey(name: string, options?: MountOption): Promise<VaultResponse<null>> {
    const path = oidc(mountOf(options, 'identity', 'client.identity.deleteKey'), 'key', segment(name));
    return this.#requester.call({ method: 'DELETE', path });
  }

  /** `POST :mount/oidc/config`. @param request.issuer scheme, host and port of `iss`. @default Vault's `api_addr` */
  async configure(
    request: { readonly issuer?: string | undefined },
    options?: MountOption,
  ): Promise<VaultResponse<null>> {
    return this.#put(oidc(mountOf(options, 'identity', 'client.identity.configure'), 'config'), toFields(request));
  }

  /** `GET :mount/oidc/config` */
  async readConfiguration(options?: MountOption): Promise<VaultResponse<{ readonly issuer: string }>> {
    return this.#requester.call({
      path: oidc(mountOf(options, 'identity', 'client.identity.readConfiguration'), 'config'),
    });
  }

  /** `GET :mount/oidc/.well-known/openid-configuration`, as OpenID Connect Discovery has it. Needs no token. */
  async readDiscovery(options?: MountOption): Promise<VaultResponse<Readonly<Record<string, unknown>>>> {
    const mount = mountOf(options, 'identity', 'client.identity.readDiscovery');
    return this.#requester.call({ path: oidc(mount, '.well-known/openid-configuration'), unwrapped: true });
  }

  /** `GET :mount/oidc/.well-known/keys`: the public keys that check tokens. Needs no token. */
  async readPublicKeys(options?: MountOption): Promise<VaultResponse<VaultIdentityKeySet>> {
    const mount = mountOf(options, 'identity', 'client.identity.readPublicKeys');
    return this.#requester.call({ path: oidc(mount, '.well-known/keys'), unwrapped: true });
  }

  #put(path: VaultPath, body: object): Promise<VaultResponse<null>> {
    return this.#requester.call({ method: 'POST', path, body, repeatable: true });
  }
}

const oidc = (mount: string, ...rest: Parameters<typeof VaultPath.of>): VaultPath =>
  VaultPath.of(mount, 'oidc', ...rest);
