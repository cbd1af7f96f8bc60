import type { HcpVaultSecretsOptions } from '../../sources/hcp-vault-secrets/index.js';
import { hcpVaultSecrets } from '../../sources/hcp-vault-secrets/index.js';
import { HCP } from './parameters.js';
import type { OpenSource } from './source-scheme.js';

/** `hcp:APP`, `hcp:https://…/apps/APP/secrets:open` as the portal shows it, or `hcp:` where the environment says all. */
export const openHcp: OpenSource = (spec) => {
  const { geography, ...options } = spec.parameters(HCP);
  const place = spec.place.includes('://') ? { url: spec.place } : spec.place !== '' && { appName: spec.place };
  return hcpVaultSecrets({ ...options, ...(geography && { geography }), ...place } as HcpVaultSecretsOptions);
};
