import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import type { TlsOptions } from '../../http/index.js';
import { TLS_OPTIONS } from '../../http/index.js';
import { fileTrouble, readAtOnce } from '../../watch/index.js';
import type { VaultEnvironment } from './vault.environment.js';

/** TLS to Vault. PEM text comes before files, `caFile` before `caPath`, and each before its environment variable. */
export interface VaultTlsOptions extends TlsOptions {
  /** A file of PEM certificates to trust. @default VAULT_CACERT */
  readonly caFile?: string | undefined;
  /** A folder of such files. @default VAULT_CAPATH */
  readonly caPath?: string | undefined;
  /** A file with our own certificate, for mutual TLS and the login by certificate; read again by `reopen`, and by `vault()` at each login. @default VAULT_CLIENT_CERT */
  readonly certFile?: string | undefined;
  /** A file with the key of our own certificate. @default VAULT_CLIENT_KEY */
  readonly keyFile?: string | undefined;
  /** The name that the server's certificate must hold, and that SNI asks for. @default VAULT_TLS_SERVER_NAME, else the address's host */
  readonly serverName?: string | undefined;
  /** Takes any certificate: on loopback, and elsewhere only with `allowInsecure`. @default VAULT_SKIP_VERIFY, else false */
  readonly skipVerify?: boolean | undefined;
}

export const VAULT_TLS_OPTIONS: OptionKinds<VaultTlsOptions> = {
  ...TLS_OPTIONS,
  caFile: 'text',
  caPath: 'text',
  certFile: 'text',
  keyFile: 'text',
  skipVerify: 'boolean',
};

export interface ResolvedTls {
  /** Reads files again each time. Throws SecretConfigurationError for one that can't be read. */
  readonly read: () => TlsOptions;
  /** Whether another reading may give something else. */
  readonly fromFiles: boolean;
  readonly verify: boolean;
}

/** Files and variables turned into what the transport takes. */
export function tlsOf(options: VaultTlsOptions, environment: VaultEnvironment): ResolvedTls {
  const given = options.ca ?? options.caFile ?? options.caPath;
  const ca = given === undefined ? environment.ca : options.ca;
  const caFile = given === undefined ? environment.caFile : options.caFile;
  const caPath = given === undefined ? environment.caPath : options.caPath;
  const ownCertificate = options.cert ?? options.certFile;
  const certFile = ownCertificate === undefined ? environment.certFile : options.certFile;
  const keyFile = ownCertificate === undefined ? environment.keyFile : options.keyFile;
  const serverName = options.serverName ?? environment.serverName;
  return {
    read: () => ({
      ca: ca ?? (caFile ? [read(caFile, 'tls.caFile (VAULT_CACERT)')] : caPath ? folderOf(caPath) : undefined),
      cert: options.cert ?? (certFile ? read(certFile, 'tls.certFile (VAULT_CLIENT_CERT)') : undefined),
      key: options.key ?? (keyFile ? read(keyFile, 'tls.keyFile (VAULT_CLIENT_KEY)') : undefined),
      serverName,
    }),
    fromFiles: [caFile, caPath, certFile, keyFile].some(Boolean),
    verify: !(options.skipVerify ?? environment.skipVerify),
  };
}

function read(file: string, option: string): Buffer {
  try {
    return readAtOnce(file);
  } catch (cause) {
    const { reason, advice } = fileTrouble(file, cause);
    throw new SecretConfigurationError(`${option} can't be read: ${reason}`, { cause, advice });
  }
}

/** All certificates of a folder, as Vault's own command line takes it; what holds none (a key, a note) is passed over. */
function folderOf(folder: string): Buffer[] {
  try {
    const files = readdirSync(folder).map((name) => join(folder, name));
    return files
      .filter((file) => statSync(file).isFile())
      .map((file) => readAtOnce(file))
      .filter((content) => content.includes('-----BEGIN CERTIFICATE-----'));
  } catch (cause) {
    throw new SecretConfigurationError(`tls.caPath (VAULT_CAPATH) names a folder that can't be read: ${folder}.`, {
      cause,
    });
  }
}
