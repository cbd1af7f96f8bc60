import type { SecretError } from '../../core/errors/index.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { JsonObject } from '../../core/secret/json.js';
import { parseJsonDocument } from '../../core/secret/json.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { isBytes } from '../../core/secret/secret-value.js';
import { SecretVersion } from '../../core/secret/secret-version.js';

/**
 * The fields of one JSON document, each a secret of its own name. Numbers and booleans become their text, and null is no secret.
 * A field's version is made from its value, so that a new version of the document is a rotation of those fields alone that have changed.
 */
export function fieldsOf(
  text: SecretValue,
  of: Pick<SecretVersion, 'createdAt' | 'expiresAt'>,
): Map<string, SecretVersion> {
  const { createdAt, expiresAt } = of;
  const fields = new Map<string, SecretVersion>();
  for (const [name, value] of Object.entries(parsed(text))) {
    if (value === null) continue;
    const secret = typeof value === 'string' || typeof value === 'object' ? value : String(value);
    fields.set(name, SecretVersion.of(secret, { createdAt, expiresAt }));
  }
  return fields;
}

/** The document's text with one field set. */
export function withField(text: SecretValue, name: string, value: SecretValue): string {
  if (isBytes(value))
    throw new SecretConfigurationError('a field of a JSON document holds text or JSON, no bytes.', {
      secretName: name,
    });
  // Rebuilt from entries, for a field "__proto__" is data here.
  const entries = Object.entries(parsed(text)).filter(([key]) => key !== name);
  return JSON.stringify(Object.fromEntries([...entries, [name, value]]));
}

function parsed(text: SecretValue): JsonObject {
  const document = typeof text === 'string' ? parseJsonDocument(text) : undefined;
  if (document === undefined || Array.isArray(document)) throw noDocument();
  return document;
}

const noDocument = (): SecretError =>
  new SecretConfigurationError(
    'the document is not the text of a JSON object, or holds an integer that a double can’t.',
    {
      advice: 'Correct it at the source, or leave the option `document` out.',
    },
  );
