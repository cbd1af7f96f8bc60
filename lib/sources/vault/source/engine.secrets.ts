import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { needed } from '../../../core/options/option-kinds.js';
import { Lease } from '../../../core/secret/lease.js';
import type {
  VaultAwsCredentials,
  VaultAwsRequest,
  VaultCertificateRequest,
  VaultDatabaseCredentials,
  VaultIssuedCertificate,
  VaultStaticDatabaseCredentials,
} from '../client/index.js';
import { boundedSeconds, dateOf } from '../client/foreign-numbers.js';
import { leased, taken } from './engine.answers.js';
import type { Mapped } from './engine.answers.js';
import { KvEngine } from './kv.engine.js';
import { VaultSecret } from './vault.secret.js';

interface Mount {
  /** @default the name that Vault itself gives this engine */
  readonly mount?: string | undefined;
}

export interface DatabaseCredentialsOptions extends Mount, Mapped<VaultDatabaseCredentials> {}
export interface StaticDatabaseCredentialsOptions extends Mount, Mapped<StaticDatabaseLogin> {}
export type StaticDatabaseLogin = Omit<VaultStaticDatabaseCredentials, 'ttl'>;
export interface AwsCredentialsOptions extends VaultAwsRequest, Mapped<VaultAwsCredentials> {
  /** `vault`: `{ access_key, secret_key, security_token }`; `hcp`: as HCP Vault Secrets has them, `{ values: { access_key_id, secret_access_key, session_token } }`. @default 'vault' */
  readonly shape?: 'vault' | 'hcp' | undefined;
}
export interface PkiCertificateOptions extends VaultCertificateRequest, Mount, Mapped<VaultIssuedCertificate> {}
export interface KvOptions extends Mount, Mapped<Readonly<Record<string, unknown>>> {
  /** Of the engine. @default Vault is asked where it matters */
  readonly version?: 1 | 2 | undefined;
}

export const DATABASE_OPTIONS: OptionKinds<DatabaseCredentialsOptions> = { mount: 'text', map: 'function' };

export const STATIC_DATABASE_OPTIONS: OptionKinds<StaticDatabaseCredentialsOptions> = DATABASE_OPTIONS;

export const AWS_CREDENTIALS_OPTIONS: OptionKinds<AwsCredentialsOptions> = {
  shape: ['vault', 'hcp'],
  roleArn: 'text',
  roleSessionName: 'text',
  ttl: 'text',
  mount: 'text',
  map: 'function',
};

export const PKI_OPTIONS: OptionKinds<PkiCertificateOptions> = {
  commonName: needed('text'),
  altNames: 'text',
  ipSans: 'text',
  uriSans: 'text',
  otherSans: 'text',
  ttl: 'text',
  notAfter: 'text',
  format: ['pem', 'der', 'pem_bundle'],
  privateKeyFormat: ['der', 'pkcs8'],
  excludeCnFromSans: 'boolean',
  mount: 'text',
  map: 'function',
};

export const KV_OPTIONS: OptionKinds<KvOptions> = { mount: 'text', version: [1, 2], map: 'function' };

/** Vault is late by some moments when it rotates: read right at the time it would still give the old password. */
const ROTATED = 500;
/** Milliseconds until a rotation that is overdue, as Vault can't reach the database, is looked for again. */
const OVERDUE = 5_000;
/** Milliseconds for a certificate that is past its end as it arrives, by a clock that must be wrong: issuing another at once would not help. */
const SKEWED = 60_000;

/** A new database user at each opening, leased: extended as long as Vault allows, then replaced. */
export const databaseCredentials = (role: string, options?: DatabaseCredentialsOptions): VaultSecret => {
  const { mount = 'database', map } = taken(options, DATABASE_OPTIONS, 'databaseCredentials', role, 'role');
  return VaultSecret.of({
    verb: 'opening',
    place: `${mount}/creds/${role}`,
    reading: 'issues',
    map,
    open: async (calls) => leased(await calls.database.generateCredentials(role, { mount })),
  });
};

/** The database user whose password Vault rotates; read again when Vault says that the next rotation is due. */
export const staticDatabaseCredentials = (role: string, options?: StaticDatabaseCredentialsOptions): VaultSecret => {
  const { mount = 'database', map } = taken(
    options,
    STATIC_DATABASE_OPTIONS,
    'staticDatabaseCredentials',
    role,
    'role',
  );
  return VaultSecret.of({
    verb: 'reading',
    place: `${mount}/static-creds/${role}`,
    reading: 'stays',
    map,
    open: async (calls, { now, version }) => {
      if (version !== undefined) return undefined;
      // `ttl` counts down, and would make a new value of each reading.
      const { ttl, ...data } = (await calls.database.readStaticCredentials(role, { mount })).data;
      const rotated = data.last_vault_rotation;
      const left = boundedSeconds(ttl) * 1000;
      const expiresAt = new Date(now + (left > 0 ? left + ROTATED : OVERDUE));
      return { data, version: rotated, createdAt: dateOf(rotated), expiresAt };
    },
  });
};

/** Credentials of AWS: an IAM user’s, whose lease is extended, or what STS issues, which is replaced. */
export const awsCredentials = (role: string, options?: AwsCredentialsOptions): VaultSecret => {
  const given = taken(options, AWS_CREDENTIALS_OPTIONS, 'awsCredentials', role, 'role');
  const { shape = 'vault', map, mount = 'aws', ...request } = given;
  return VaultSecret.of({
    verb: 'opening',
    place: `${mount}/creds/${role}`,
    reading: 'issues',
    map,
    open: async (calls) => {
      const opened = leased(await calls.aws.generateCredentials(role, request, { mount }));
      return shape === 'hcp' ? { ...opened, data: asHcp(opened.data) } : opened;
    },
  });
};

/** A certificate with a key of its own, which lives as long as the certificate is valid. */
export const pkiCertificate = (role: string, options: PkiCertificateOptions): VaultSecret => {
  const { mount = 'pki', map, ...request } = taken(options, PKI_OPTIONS, 'pkiCertificate', role, 'role');
  return VaultSecret.of({
    verb: 'issuing at',
    place: `${mount}/issue/${role}`,
    asked: () => `POST ${mount}/issue/${role}`,
    reading: 'issues',
    map,
    open: async (calls, { vaultNow }) => {
      const { data, leaseId } = await calls.pki.issue(role, request, { mount });
      // A lease is there where the role has `generate_lease`; what ends first is the certificate itself, and nothing makes it longer.
      const left = Math.round(boundedSeconds(data.expiration - vaultNow() / 1000) * 1000);
      const duration = left > 0 ? left : SKEWED;
      const expiresAt = dateOf(data.expiration * 1000);
      return { data, version: data.serial_number, expiresAt, lease: Lease.of({ id: leaseId || undefined, duration }) };
    },
  });
};

/** One KV secret at a path of its own, whatever `kv` of the source says. */
export const kv = (path: string, options?: KvOptions): VaultSecret => {
  const { mount, version: engineVersion, map } = taken(options, KV_OPTIONS, 'kv', path, 'path');
  const engine = new KvEngine(mount, engineVersion);
  return VaultSecret.of({
    verb: 'reading',
    place: engine.at(path),
    asked: () => engine.requestAt(path),
    reading: 'stays',
    map,
    open: (calls, { version }) => engine.read(calls, path, version),
  });
};

function asHcp({ access_key, secret_key, session_token, security_token }: VaultAwsCredentials): object {
  const sessionToken = session_token ?? security_token;
  return {
    values: {
      access_key_id: access_key,
      secret_access_key: secret_key,
      ...(sessionToken && { session_token: sessionToken }),
    },
  };
}
