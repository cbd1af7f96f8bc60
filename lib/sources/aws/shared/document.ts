import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { JsonMember } from '../../../core/secret/json-fields.js';
import { jsonMembers, memberValue } from '../../../core/secret/json-fields.js';
import type { SecretValue } from '../../../core/secret/secret-value.js';
import { isBytes } from '../../../core/secret/secret-value.js';
import type { SecretVersionOptions } from '../../../core/secret/secret-version.js';
import { SecretVersion } from '../../../core/secret/secret-version.js';
import { entryOrError } from '../../../core/source/each-entry.js';

/**
 * The fields of one JSON document, each a secret of its own name. Numbers and booleans become their text, as it is
 * written, and null is not a secret.
 * A field shows the document's version, so that all replicas show the same for one state of it; that a neighbour's change makes a new one is no
 * rotation, for values decide.
 */
export function fieldsOf(
  text: SecretValue,
  state: Pick<SecretVersionOptions, 'version' | 'createdAt' | 'expiresAt'>,
): Map<string, SecretVersion | SecretError> {
  const { version, createdAt, expiresAt } = state;
  const fields = new Map<string, SecretVersion | SecretError>();
  for (const { name, raw } of membersOf(text)) {
    const value = memberValue(raw);
    if (value === undefined) continue;
    fields.set(
      name,
      entryOrError(name, () => SecretVersion.of(value, { version, createdAt, expiresAt })),
    );
  }
  return fields;
}

/** A document that is about to be created. */
export const NO_FIELDS = '{}';

/** The document's text with one field set; the others stay as they are written. */
export function withField(text: SecretValue, name: string, value: SecretValue): string {
  if (isBytes(value))
    throw new SecretConfigurationError('a field of a JSON document holds text or JSON, no bytes.', {
      secretName: name,
    });
  const others = membersOf(text).filter((member) => member.name !== name);
  const members = [...others, { name, raw: JSON.stringify(value) }];
  return `{${members.map((member) => `${JSON.stringify(member.name)}:${member.raw}`).join(',')}}`;
}

function membersOf(text: SecretValue): readonly JsonMember[] {
  const members = typeof text === 'string' ? jsonMembers(text) : undefined;
  if (members) return members;
  throw new SecretConfigurationError('the document is not the text of a JSON object.', {
    advice: 'Correct it at the source, or leave the option `document` out.',
  });
}
