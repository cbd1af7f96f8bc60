import type { VaultAwsIamLogin, VaultCertLogin } from '../client/index.js';
import { VaultAuthentication } from './authentication.js';
import type { VaultCredential } from './credential.js';
import { readCredential } from './credential.js';

interface Mount {
  /** @default the name that Vault itself gives this method */
  readonly mount?: string | undefined;
}

export interface KubernetesOptions extends Mount {
  readonly role: string;
  /** Read again at each login. @default '/var/run/secrets/kubernetes.io/serviceaccount/token' */
  readonly tokenFile?: string | undefined;
}

export interface UserpassOptions extends Mount {
  readonly username: VaultCredential;
  readonly password: VaultCredential;
}

export interface JwtOptions extends Mount {
  /** @default the mount's `default_role` */
  readonly role?: string | undefined;
  readonly jwt: VaultCredential;
}

/** A token that somebody else cares for: it is renewed where that is possible, read again when it nears its end, and never revoked. */
export const token = (credential: VaultCredential): VaultAuthentication =>
  VaultAuthentication.of('token', () => readCredential(credential, 'token'));

/** The login with the service account of a pod. */
export const kubernetes = (options: KubernetesOptions): VaultAuthentication =>
  VaultAuthentication.of('Kubernetes', (client) => client.auth.kubernetes.login(options));

/** The login with a name and a password; with another `mount` also that of LDAP, Okta and RADIUS. */
export const userpass = ({ username, password, mount }: UserpassOptions): VaultAuthentication =>
  VaultAuthentication.of('userpass', async (client) =>
    client.auth.userpass.login({
      username: await readCredential(username, 'username'),
      password: await readCredential(password, 'password'),
      mount,
    }),
  );

/** The login with a JWT that somebody whom Vault trusts has signed. */
export const jwt = ({ role, jwt, mount }: JwtOptions): VaultAuthentication =>
  VaultAuthentication.of('JWT', async (client) =>
    client.auth.jwt.login({ role, jwt: await readCredential(jwt, 'jwt'), mount }),
  );

/** The login with the certificate in `tls.cert` and `tls.key` (or `tls.certFile` and `tls.keyFile`). */
export const cert = (options: VaultCertLogin = {}): VaultAuthentication =>
  VaultAuthentication.of('certificate', (client) => client.auth.cert.login(options));

/** The login as an IAM principal of AWS. Without `credentials` it needs the package `@aws-sdk/credential-providers`. */
export const awsIam = (options: VaultAwsIamLogin = {}): VaultAuthentication =>
  VaultAuthentication.of('AWS IAM', (client) => client.auth.awsIam.login(options));
