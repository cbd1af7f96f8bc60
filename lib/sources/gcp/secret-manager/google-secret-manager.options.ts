import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { group } from '../../../core/options/option-kinds.js';
import type { TlsOptions } from '../../http/index.js';
import { TLS_OPTIONS } from '../../http/index.js';
import type { GoogleAuthLike } from '../auth/given.auth.js';

export interface GoogleSecretManagerOptions {
  /** ID or number of the project. @default GCLOUD_PROJECT or GOOGLE_CLOUD_PROJECT, else that of the credentials, of `auth`, or of the metadata server */
  readonly projectId?: string | undefined;
  /** Where regional secrets lie, e.g. `europe-west3`: leads to that region's host and to its names, both. @default none: global secrets */
  readonly location?: string | undefined;
  /** Goes before names. @default '' */
  readonly prefix?: string | undefined;
  /** Which version counts as the current one: `latest`, an alias of versions, or a number. With another than `latest` nothing is written. @default 'latest' */
  readonly version?: string | undefined;
  /** False leaves text that holds a JSON object or array a string. @default true */
  readonly json?: boolean | undefined;
  /**
   * Credentials of Google's own library by their shape, e.g. `new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform' })` of
   * google-auth-library. @default Application Default Credentials: GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the metadata server
   */
  readonly auth?: GoogleAuthLike | undefined;
  /** Address in place of Google's, with its scheme: of an emulator, of Private Service Connect. @default that of the universe, and of the location */
  readonly endpoint?: string | undefined;
  /** Trust for the address. */
  readonly tls?: TlsOptions | undefined;
  /** Permits plain http beyond loopback; warns at each start. @default false */
  readonly allowInsecure?: boolean | undefined;
}

export const GOOGLE_OPTIONS: OptionKinds<GoogleSecretManagerOptions> = {
  projectId: 'text',
  location: 'text',
  prefix: 'text',
  version: 'text',
  json: 'boolean',
  auth: 'any',
  endpoint: 'text',
  tls: group<TlsOptions>(TLS_OPTIONS),
  allowInsecure: 'boolean',
};

const SCOPES = "scopes: 'https://www.googleapis.com/auth/cloud-platform'";

/** What is an option elsewhere. */
export const GOOGLE_HINTS = {
  credentials: `Give \`auth: new GoogleAuth({ credentials, ${SCOPES} })\` of google-auth-library.`,
  keyFile: `Name the file in GOOGLE_APPLICATION_CREDENTIALS, or give \`auth: new GoogleAuth({ keyFile, ${SCOPES} })\`.`,
  keyFilename: `Name the file in GOOGLE_APPLICATION_CREDENTIALS, or give \`auth: new GoogleAuth({ keyFile, ${SCOPES} })\`.`,
  apiEndpoint: 'It is `endpoint`, with its scheme.',
  timeout: 'It stands in the options of HcpVaultModule, for whatever source.',
};
