import { SecretConfigurationError } from '../../core/errors/index.js';
import type { SecretSource } from '../../core/source/secret-source.js';
// The one place where Nest’s layer names a backend: the source of an app that names none.
import { hcpVaultSecrets } from '../../sources/hcp-vault-secrets/index.js';

/** The source of a module without one. Throws SecretConfigurationError that names the choices where the environment says nothing either. */
export function defaultSource(connection: string): SecretSource {
  if (process.env.HCP_CLIENT_ID || process.env.HCP_CRED_FILE) return hcpVaultSecrets();
  throw new SecretConfigurationError(
    'HcpVaultModule has no source. Give one: `source: hcpVaultSecrets({ … })`, `memorySource({ … })`, or any other SecretSource; or set HCP_CLIENT_ID or HCP_CRED_FILE for HCP Vault Secrets.',
    { connection },
  );
}

/** Refuses what is not a source, before anything asks it for a secret. */
export function checkSource(source: unknown, connection: string): SecretSource {
  const candidate = source as Partial<SecretSource> | null | undefined;
  if (typeof candidate?.read === 'function' && typeof candidate.kind === 'string') return candidate as SecretSource;
  throw new SecretConfigurationError(
    'The `source` of HcpVaultModule is not a SecretSource (it has no `kind` and `read`). Is it a Promise, or the function in place of its result?',
    { connection },
  );
}
