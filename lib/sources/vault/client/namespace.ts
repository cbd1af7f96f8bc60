import { SecretConfigurationError } from '../../../core/errors/index.js';

/** As the header has it; undefined for the root. Throws SecretConfigurationError for what no header can carry. */
export function namespaceOf(namespace: string | undefined): string | undefined {
  const name = namespace?.replace(/^\/+|\/+$/g, '');
  if (!name) return undefined;
  if (!/^[\x21-\x7e]+$/.test(name)) {
    throw new SecretConfigurationError(
      'Option "namespace" (VAULT_NAMESPACE) holds characters that no header can carry.',
    );
  }
  return name;
}
