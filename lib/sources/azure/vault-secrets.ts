import type { SecretError } from '../../core/errors/index.js';
import {
  isSecretError,
  SecretAccessDeniedError,
  SecretNotFoundError,
  SecretSourceReadOnlyError,
} from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { isBytes } from '../../core/secret/secret-value.js';
import type { ReadContext, WriteContext } from '../../core/source/secret-source.js';
import type { ListedSecret, SecretBundle } from './azure-key-vault.answers.js';
import { ENCODING } from './azure-key-vault.answers.js';
import type { AzureKeyVaultClient, NewVersion } from './azure-key-vault.client.js';
import { KIND } from './azure-key-vault.errors.js';
import { WrittenVersions } from './written-versions.js';

/** In place of a version: the one before the current one. */
export const PREVIOUS = 'previous';

export const isVersion = (version: string): boolean => version === PREVIOUS || /^[0-9a-f]{32}$/i.test(version);

const DELETED = 'SecretDeleted';

/** Secrets of a vault by their names there. Rejects only with SecretErrors. */
export class VaultSecrets {
  readonly #written = new WrittenVersions();

  constructor(
    private readonly client: AzureKeyVaultClient,
    private readonly createsMissing: boolean,
  ) {}

  /** A version, `PREVIOUS`, or the current one, which is never older than what was written here. */
  async read(secret: string, version: string | undefined, context: ReadContext): Promise<SecretBundle> {
    if (version === PREVIOUS) return this.client.get(secret, await this.#previous(secret, context), context);
    if (version !== undefined) return this.client.get(secret, version, context);
    const answered = await this.#current(secret, context);
    return this.#written.newest(answered, (newer) => this.client.get(secret, newer, context));
  }

  /** True for the one that says that a secret was deleted, and can be recovered. */
  isDeleted({ cause }: SecretError): boolean {
    return (cause as { readonly code?: unknown } | undefined)?.code === DELETED;
  }

  async write(secret: string, value: SecretValue, context: WriteContext): Promise<void> {
    const before = await this.#toReplace(secret, context);
    const written = await this.client.set(secret, versionOf(value, before), context);
    this.#written.note(written, before);
  }

  async #current(secret: string, context: ReadContext): Promise<SecretBundle> {
    try {
      return await this.client.get(secret, undefined, context);
    } catch (error) {
      if (!isSecretError(error) || error.code !== 'SECRET_NOT_FOUND') throw error;
      const purged = await this.client.purgeDate(secret, context);
      throw purged === undefined ? error : deleted(purged);
    }
  }

  /** Undefined where there is none, and one may be created. */
  async #toReplace(secret: string, context: WriteContext): Promise<SecretBundle | undefined> {
    try {
      const found = await this.#current(secret, context);
      if (!found.properties.isManaged) return found;
    } catch (error) {
      if (!isSecretError(error)) throw error;
      if (error.code === 'SECRET_ACCESS_DENIED') throw blind(error);
      if (error.code !== 'SECRET_NOT_FOUND' || this.isDeleted(error)) throw error;
      if (context.create ?? this.createsMissing) return undefined;
      throw new SecretNotFoundError('there is no such secret to write.', {
        sourceKind: KIND,
        cause: error.cause,
        advice: 'Create it, or set `createIfMissing: true` of the source.',
      });
    }
    throw new SecretSourceReadOnlyError('the secret belongs to a certificate of the vault.', {
      sourceKind: KIND,
      advice: 'Renew the certificate: its secret follows.',
    });
  }

  /** The newest that is enabled and older than the current one. Times are whole seconds: where they don't tell which, none is given. */
  async #previous(secret: string, context: ReadContext): Promise<string> {
    const current = await this.read(secret, undefined, context);
    const { created } = current.properties;
    let best: ListedSecret | undefined;
    let isTied = false;
    for await (const page of this.client.versionPages(secret, context)) {
      for (const one of page) {
        if (one.version === undefined || one.version === current.version || !one.isEnabled || one.created > created)
          continue;
        isTied = one.created === best?.created || (isTied && one.created < best!.created);
        if (!best || one.created > best.created) best = one;
      }
    }
    if (best?.version !== undefined && !isTied) return best.version;
    const reason = isTied ? 'which version came before the current one can’t be told: two are of one second.' : 'there is no version before the current one.'; // prettier-ignore
    throw new SecretNotFoundError(reason, { sourceKind: KIND });
  }

  static {
    hideInOutput(VaultSecrets.prototype, () => `[secrets ${KIND}]`);
  }
}

/** What the version before said of itself goes along: Key Vault does not hand it on. */
function versionOf(value: SecretValue, before: SecretBundle | undefined): NewVersion {
  const { contentType, tags = {} } = before?.properties ?? {};
  const { [ENCODING]: encoding, ...others } = tags;
  const isBinary = isBytes(value);
  const text = isBinary
    ? Buffer.from(value).toString('base64')
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);
  // The tag of text (utf-8) stays; that of bytes would make the text bytes.
  const kept = isBinary
    ? { [ENCODING]: 'base64' }
    : encoding === undefined || encoding === 'base64'
      ? {}
      : { [ENCODING]: encoding };
  const all = { ...others, ...kept };
  return {
    value: text,
    ...(contentType !== undefined && { contentType }),
    ...(Object.keys(all).length > 0 && { tags: all }),
  };
}

function deleted(purged: number): SecretError {
  const until = purged > 0 && purged <= 8.64e15 ? ` until ${new Date(purged).toISOString()}` : '';
  return new SecretNotFoundError(`the secret was deleted, and can be recovered${until}.`, {
    sourceKind: KIND,
    cause: { name: 'HttpStatus', status: 404, code: DELETED },
    advice: 'Recover it (az keyvault secret recover); until it is recovered or purged nobody can write under its name.',
  });
}

/** Without a look at the version before, its content type and tags would be lost. */
const blind = ({ reason, cause }: SecretError): SecretError =>
  new SecretAccessDeniedError(reason, {
    sourceKind: KIND,
    cause,
    advice:
      'A secret is read before it is written: give the identity the role "Key Vault Secrets Officer"; where the vault has access policies, the secret permissions Get and Set.',
  });
