import type { ParameterKinds } from './source-spec.js';

// What each backend takes after the question mark, by the names of its function's options. Here, for help lists them without loading a source.

export const ENV = { json: 'boolean', files: 'boolean' } as const satisfies ParameterKinds;

export const DIRECTORY = {
  json: 'boolean',
  optional: 'boolean',
  maxBytes: 'number',
  trim: 'boolean',
} as const satisfies ParameterKinds;

export const FILE = {
  json: 'boolean',
  optional: 'boolean',
  maxBytes: 'number',
  format: 'text',
} as const satisfies ParameterKinds;

export const VAULT = {
  address: 'text',
  namespace: 'text',
  mount: 'text',
  version: 'number',
  document: 'text',
  documents: 'texts',
  optional: 'boolean',
  auth: 'text',
  role: 'text',
  authMount: 'text',
  caFile: 'text',
  serverName: 'text',
  redirectTo: 'texts',
  rateLimit: 'number',
  allowInsecure: 'boolean',
} as const satisfies ParameterKinds;

const AWS = {
  region: 'text',
  endpoint: 'text',
  roleArn: 'text',
  sessionName: 'text',
  externalId: 'text',
  document: 'text',
  optional: 'boolean',
  json: 'boolean',
  useFipsEndpoint: 'boolean',
  useDualstackEndpoint: 'boolean',
  allowInsecure: 'boolean',
} as const satisfies ParameterKinds;

export const SECRETS_MANAGER = { ...AWS, versionStage: 'text' } as const satisfies ParameterKinds;

export const PARAMETER_STORE = { ...AWS, prefix: 'text', withDecryption: 'boolean' } as const satisfies ParameterKinds;

export const KUBERNETES = {
  labelSelector: 'text',
  kubeconfig: 'text',
  context: 'text',
  optional: 'boolean',
  json: 'boolean',
  allowInsecure: 'boolean',
} as const satisfies ParameterKinds;

export const GOOGLE = {
  location: 'text',
  version: 'text',
  json: 'boolean',
  endpoint: 'text',
  allowInsecure: 'boolean',
} as const satisfies ParameterKinds;

export const AZURE = {
  prefix: 'text',
  json: 'boolean',
  authorityHost: 'text',
  allowInsecure: 'boolean',
} as const satisfies ParameterKinds;

export const HCP = {
  organizationId: 'text',
  projectId: 'text',
  geography: 'text',
  apiUrl: 'text',
  authUrl: 'text',
  allowInsecure: 'boolean',
} as const satisfies ParameterKinds;
