import { SecretConfigurationError, SecretSourceUnavailableError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { withJsonParsed } from '../../core/secret/json.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { KIND } from './azure-key-vault.errors.js';

/** What the service says of a version beside its value. */
export interface Properties {
  readonly contentType: string | undefined;
  readonly tags: Readonly<Record<string, string>> | undefined;
  readonly isEnabled: boolean;
  /** Milliseconds since 1970, of whole seconds; 0 where it is not told. */
  readonly created: number;
  readonly notBefore: number | undefined;
  readonly expires: number | undefined;
  /** It belongs to a certificate of the vault's. */
  readonly isManaged: boolean;
}

/** An entry of a list. */
export interface ListedSecret extends Properties {
  readonly name: string;
  /** Only in lists of versions. */
  readonly version: string | undefined;
}

/** One version with its value, which it hides. */
export class SecretBundle {
  readonly #text: string;

  constructor(
    readonly name: string,
    readonly version: string,
    text: string,
    readonly properties: Properties,
  ) {
    this.#text = text;
  }

  /**
   * Bytes where the tag `file-encoding` says so, as `az keyvault secret set --encoding base64` writes it; else text, or what JSON it holds.
   * Throws SecretConfigurationError for what is not Base64.
   */
  value(json: boolean): SecretValue {
    if (this.properties.tags?.[ENCODING] !== 'base64') return json ? withJsonParsed(this.#text) : this.#text;
    const text = this.#text.replace(/\s/g, '');
    if (/^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0)
      return Uint8Array.from(Buffer.from(text, 'base64'));
    throw new SecretConfigurationError(`its tag "${ENCODING}" says Base64, and its value is none.`, {
      sourceKind: KIND,
    });
  }

  static {
    hideInOutput(SecretBundle.prototype, (self) => `[secret ${self.name}]`);
  }
}

/** The tag by which Azure's command line tells bytes from text. */
export const ENCODING = 'file-encoding';

/**
 * @param asked the version that was asked for; undefined for the current one.
 * @throws SecretSourceUnavailableError for what is not a version with a value, or is about another secret, or another version of it.
 */
export function bundleOf(answer: unknown, secret: string, asked: string | undefined): SecretBundle {
  const { value, id } = recordOf(answer);
  const { name, version } = identifierOf(id) ?? {};
  if (typeof value !== 'string' || name === undefined || version === undefined) throw senseless('holds no secret');
  if (name.toLowerCase() !== secret.toLowerCase()) throw senseless('is about another secret, and is not used');
  if (asked !== undefined && version.toLowerCase() !== asked.toLowerCase())
    throw senseless('is about another version, and is not used');
  return new SecretBundle(name, version, value, propertiesOf(answer));
}

export interface Page {
  readonly items: readonly ListedSecret[];
  readonly next: string | undefined;
}

/** @throws SecretSourceUnavailableError for what is not a list. */
export function pageOf(answer: unknown): Page {
  const { value, nextLink } = recordOf(answer);
  if (!Array.isArray(value)) throw senseless('holds no list');
  const items = value.map((item: unknown) => {
    const found = identifierOf(recordOf(item).id);
    if (!found) throw senseless('has an entry that is not a secret'); // left out, it would count as one that is not there
    return { ...found, ...propertiesOf(item) };
  });
  return { items, next: typeof nextLink === 'string' && nextLink !== '' ? nextLink : undefined };
}

/** When a deleted secret is gone for good, in milliseconds since 1970; 0 where it is not told. */
export const purgeDateOf = (answer: unknown): number => millisecondsOf(recordOf(answer).scheduledPurgeDate) ?? 0;

function propertiesOf(answer: unknown): Properties {
  const { contentType, tags, attributes, managed } = recordOf(answer);
  const { enabled, created, nbf, exp } = recordOf(attributes);
  const texts = Object.entries(recordOf(tags)).filter((tag): tag is [string, string] => typeof tag[1] === 'string');
  return {
    contentType: typeof contentType === 'string' ? contentType : undefined,
    tags: texts.length > 0 ? Object.fromEntries(texts) : undefined,
    isEnabled: enabled !== false,
    created: millisecondsOf(created) ?? 0,
    notBefore: millisecondsOf(nbf),
    expires: millisecondsOf(exp),
    isManaged: managed === true,
  };
}

/** `https://HOST/secrets/NAME[/VERSION]`. */
function identifierOf(id: unknown): { readonly name: string; readonly version: string | undefined } | undefined {
  if (typeof id !== 'string') return undefined;
  const [, name, version] =
    /^https?:\/\/[^/]+\/secrets\/([0-9a-zA-Z-]{1,127})(?:\/([0-9a-zA-Z]{1,64}))?\/?$/.exec(id) ?? [];
  return name === undefined ? undefined : { name, version };
}

const millisecondsOf = (seconds: unknown): number | undefined =>
  typeof seconds === 'number' && Number.isFinite(seconds) ? seconds * 1000 : undefined;

const recordOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

const senseless = (what: string): SecretSourceUnavailableError =>
  new SecretSourceUnavailableError(`the answer of the vault ${what}.`, {
    sourceKind: KIND,
    advice: 'Something on the way (a gateway, a proxy) may rewrite requests or answers: correct it.',
    effect: 'possible',
  });
