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
export function kvNamesOf(access: VaultAccess, options: NonNullable<VaultOptions['kv']>): KvNames {
  const { mount, version, prefix, document } = options;
  if (document !== undefined && prefix !== undefined) throw refused('"kv.prefix" and "kv.document" exclude each other');
  for (const [option, path] of Object.entries({ mount, prefix, document })) {
    const trimmed = path?.replace(/^\/+|\/+$/g, '');
    const fault = trimmed ? nameFault(trimmed, { place: 'path' }) : undefined;
    if (fault) throw refused(`"kv.${option}" ${fault.text}`);
  }
  const engine = new KvEngine(mount, version);
  return document === undefined ? new KvFolder(access, engine, prefix) : new KvDocument(access, engine, document);
}

/** Throws SecretConfigurationError for what no factory of ours made. */
export function secretsOf(secrets: VaultOptions['secrets']): ReadonlyMap<string, VaultSecret> {
  const entries = ownEntries(secrets, 'Option "secrets" of vault');
  const wrong = entries.find(([, secret]) => !(secret instanceof VaultSecret));
  if (wrong) throw refused(`"secrets.${wrong[0]}" is none of databaseCredentials(…), kv(…), read(…) and their like`);
  return new Map(entries);
}

const refused = (why: string): SecretError => new SecretConfigurationError(`Options of vault(): ${why}.`);
