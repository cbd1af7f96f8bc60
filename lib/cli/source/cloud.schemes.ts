import { azureKeyVault } from 'nestjs-hcp-vault/azure';
import { googleSecretManager } from 'nestjs-hcp-vault/gcp';
import { AZURE, GOOGLE } from './parameters.js';
import type { OpenSource } from './source-scheme.js';

/** `gcp:PROJECT/PREFIX`, both of which may be left out. */
export const openGoogle: OpenSource = (spec) => {
  const options = spec.parameters(GOOGLE);
  const [projectId = '', ...prefix] = spec.place.split('/');
  return googleSecretManager({
    ...options,
    ...(projectId !== '' && { projectId }),
    ...(prefix.length > 0 && { prefix: prefix.join('/') }),
  });
};

/** `azure:NAME`, or the vault's address in its place. */
export const openAzure: OpenSource = (spec) => {
  const options = spec.parameters(AZURE);
  if (spec.place === '') throw spec.error('needs the name of a vault, or its address, as in azure:prod-vault.');
  return azureKeyVault({ ...options, vaultUrl: vaultUrlOf(spec.place) });
};

function vaultUrlOf(place: string): string {
  if (place.includes('://')) return place;
  return place.includes('.') || place.includes(':') ? `https://${place}` : `https://${place}.vault.azure.net`;
}
