import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { ownEntries } from '../../../core/options/own-entries.js';
import { nameFault } from '../../../core/secret/secret-name.js';
import { KvDocument } from './kv.document.js';
import { KvEngine } from './kv.engine.js';
import { KvFolder } from './kv.folder.js';
import type { KvNames } from './kv.names.js';
import type { VaultAccess } from './vault.access.js';
import { VaultSecret } from './vault.secret.js';
import type { VaultOptions } from './vault.source.options.js';

/** Where names lead that `secrets` does not hold. Throws SecretConfigurationError. */
export function kvNamesOf(
  access: VaultAccess,
  options: NonNullable<VaultOptions['kv']>,
  notice: (reason: string) => void,
): KvNames {
  const { mount, version, prefix, document, documents, optional = false } = options;
  const ways = Object.entries({ prefix, document, documents }).filter(([, way]) => way !== undefined);
  if (ways.length > 1) throw refused(`${ways.map(([way]) => `"kv.${way}"`).join(' and ')} exclude each other`);
  if (documents?.length === 0) throw refused('"kv.documents" names none');
  const paths = [
    ['mount', mount],
    ['prefix', prefix],
    ['document', document],
    ...(documents ?? []).map((path) => ['documents', path]),
  ];
  for (const [option, path] of paths) {
    const trimmed = path?.replace(/^\/+|\/+$/g, '');
    const fault = trimmed ? nameFault(trimmed, { place: 'path' }) : undefined;
    if (fault) throw refused(`"kv.${option}" ${fault.text}`);
    if (trimmed === '' && option !== 'prefix') throw refused(`"kv.${option}" is empty`);
  }
  const engine = new KvEngine(mount, version);
  const given = documents ?? (document === undefined ? undefined : [document]);
  if (given) return new KvDocument(access, engine, { documents: given, optional });
  if (optional) throw refused('"kv.optional" is of `kv.document` and `kv.documents`');
  return new KvFolder(access, engine, prefix, notice);
}

/** Throws SecretConfigurationError for what no factory of ours made. */
export function secretsOf(secrets: VaultOptions['secrets']): ReadonlyMap<string, VaultSecret> {
  const entries = ownEntries(secrets, 'Option "secrets" of vault');
  const wrong = entries.find(([, secret]) => !(secret instanceof VaultSecret));
  if (wrong) throw refused(`"secrets.${wrong[0]}" is none of databaseCredentials(…), kv(…), read(…) and their like`);
  return new Map(entries);
}

const refused = (why: string): SecretError => new SecretConfigurationError(`Options of vault(): ${why}.`);
