import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { isBytes } from '../../../core/secret/secret-value.js';
import { KIND } from './secrets-manager.client.js';

/** In the kind that the secret has. */
export function asStored(
  value: SecretValue,
  before: SecretValue | undefined,
): { SecretString: string } | { SecretBinary: Uint8Array } {
  if (before === undefined ? isBytes(value) : isBytes(before)) {
    return { SecretBinary: isBytes(value) ? value : new TextEncoder().encode(asText(value)) };
  }
  return { SecretString: asText(value) };
}

function asText(value: SecretValue): string {
  if (!isBytes(value)) return typeof value === 'string' ? value : JSON.stringify(value);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value);
  } catch {
    throw new SecretConfigurationError('the secret holds text, and these bytes are none.', {
      sourceKind: KIND,
      advice: 'Create a binary secret for them.',
    });
  }
}
