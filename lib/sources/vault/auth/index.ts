export { appRole } from './app-role.method.js';
export type { AppRoleOptions } from './app-role.method.js';
export { VaultAuthentication } from './authentication.js';
export type { VaultLogin } from './authentication.js';
export type { VaultCredential } from './credential.js';
export {
  agent,
  awsIam,
  azure,
  cert,
  gcp,
  github,
  jwt,
  kubernetes,
  ldap,
  okta,
  token,
  userpass,
} from './login.methods.js';
export type {
  AzureOptions,
  GcpOptions,
  GithubOptions,
  JwtOptions,
  KubernetesOptions,
  UserpassOptions,
} from './login.methods.js';
