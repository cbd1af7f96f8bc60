import { token, vault } from 'nestjs-hcp-vault/vault';
import type { VaultKvOptions } from 'nestjs-hcp-vault/vault';
import { VAULT } from './parameters.js';
import type { OpenSource } from './source-scheme.js';
import { mayBeAbsent } from './source-scheme.js';
import type { SourceSpec } from './source-spec.js';
import { vaultAuthentication } from './vault-authentication.js';

/** Stands where nothing is asked; it is sent to nobody. */
const NO_LOGIN = token('none');

/** `vault:MOUNT/PREFIX`; with `mount=` the whole place is the prefix, with `document=` there is none. */
export const openVault: OpenSource = (spec, environment, use) => {
  const given = spec.parameters(VAULT);
  const { auth, role, authMount, caFile, serverName, mount, version, document, documents, optional, ...options } =
    given;
  return vault({
    ...options,
    ...((caFile !== undefined || serverName !== undefined) && { tls: { caFile, serverName } }),
    auth: use === 'describe' ? NO_LOGIN : vaultAuthentication(spec, environment, { auth, role, mount: authMount }),
    kv: {
      ...placeOf(spec, mount),
      version,
      document,
      documents,
      ...mayBeAbsent(optional, document ?? documents, use),
    } as VaultKvOptions,
  });
};

function placeOf(spec: SourceSpec, mount: string | undefined): { mount?: string; prefix?: string } {
  const parts = spec.place.split('/').filter((part) => part !== '');
  const engine = mount ?? parts.shift();
  return { ...(engine !== undefined && { mount: engine }), ...(parts.length > 0 && { prefix: parts.join('/') }) };
}
