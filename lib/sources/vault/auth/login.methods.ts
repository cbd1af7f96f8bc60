import { SecretConfigurationError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { needed } from '../../../core/options/option-kinds.js';
import { ownOptions } from '../../../core/options/own-options.js';
import { AWS_IAM_LOGIN } from '../client/auth/aws-iam.auth.js';
import { AZURE_LOGIN } from '../client/auth/azure.auth.js';
import { CERT_LOGIN } from '../client/auth/cert.auth.js';
import type { VaultAwsIamLogin, VaultAzureLogin, VaultCertLogin } from '../client/index.js';
import { VaultAuthentication } from './authentication.js';
import type { VaultCredential } from './credential.js';
import { checkCredential, readCredential } from './credential.js';

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

export interface GcpOptions extends Mount {
  readonly role: string;
  /** Signed by Google: an instance's identity token, or what a service account signs, for the audience `vault/<role>`. */
  readonly jwt: VaultCredential;
}

export interface AzureOptions extends Omit<VaultAzureLogin, 'jwt'> {
  /** Of a managed identity, for the resource that the mount names. */
  readonly jwt: VaultCredential;
}

export interface GithubOptions extends Mount {
  /** A personal access token. */
  readonly token: VaultCredential;
}

export const KUBERNETES_OPTIONS: OptionKinds<KubernetesOptions> = {
  role: needed('text'),
  tokenFile: 'text',
  mount: 'text',
};

export const USERPASS_OPTIONS: OptionKinds<UserpassOptions> = {
  username: needed('any'),
  password: needed('any'),
  mount: 'text',
};

export const JWT_OPTIONS: OptionKinds<JwtOptions> = { role: 'text', jwt: needed('any'), mount: 'text' };

export const GCP_OPTIONS: OptionKinds<GcpOptions> = { ...JWT_OPTIONS, role: needed('text') };

export const AZURE_OPTIONS: OptionKinds<AzureOptions> = { ...AZURE_LOGIN, jwt: needed('any') };

export const GITHUB_OPTIONS: OptionKinds<GithubOptions> = { token: needed('any'), mount: 'text' };

// Each of these throws SecretConfigurationError for options that can't be meant.

/** A token that somebody else cares for: it is renewed where that is possible, read again when it nears its end, and never revoked. */
export function token(credential: VaultCredential): VaultAuthentication {
  if (credential === undefined)
    throw new SecretConfigurationError('token() needs a token: text, `{ file }`, or a function.');
  checkCredential(credential, 'token', 'token');
  return VaultAuthentication.of('token', () => readCredential(credential, 'token'));
}

/** The login with the service account of a pod. */
export function kubernetes(given: KubernetesOptions): VaultAuthentication {
  const options = ownOptions(given, KUBERNETES_OPTIONS, 'kubernetes');
  const { tokenFile: file, ...login } = options;
  return VaultAuthentication.of('Kubernetes', async (client) => {
    // Where it usually is it is there before the pod's first process; who names another file may have it written.
    const jwt = file === undefined ? undefined : await readCredential({ file }, 'tokenFile');
    return client.auth.kubernetes.login({ ...login, jwt });
  });
}

/** The login with a name and a password; with another `mount` also that of RADIUS. */
export const userpass = (options: UserpassOptions): VaultAuthentication => byPassword('userpass', options);

/** The login with a name and a password of the company's directory. */
export const ldap = (options: UserpassOptions): VaultAuthentication => byPassword('ldap', options);

/** The login with a name and a password of Okta; a user with a second factor can't log in so. */
export const okta = (options: UserpassOptions): VaultAuthentication => byPassword('okta', options);

function byPassword(method: 'userpass' | 'ldap' | 'okta', options: UserpassOptions): VaultAuthentication {
  const { username, password, mount } = ownOptions(options, USERPASS_OPTIONS, method);
  checkCredential(username, 'username', method);
  checkCredential(password, 'password', method);
  return VaultAuthentication.of(LABELS[method], async (client) =>
    client.auth[method].login({
      username: await readCredential(username, 'username'),
      password: await readCredential(password, 'password'),
      mount,
    }),
  );
}

/** As errors call them. */
const LABELS = { userpass: 'userpass', ldap: 'LDAP', okta: 'Okta' };

/** The login with a JWT that somebody whom Vault trusts has signed. */
export function jwt(options: JwtOptions): VaultAuthentication {
  const { role, jwt, mount } = ownOptions(options, JWT_OPTIONS, 'jwt');
  checkCredential(jwt, 'jwt', 'jwt');
  return VaultAuthentication.of('JWT', async (client) =>
    client.auth.jwt.login({ role, jwt: await readCredential(jwt, 'jwt'), mount }),
  );
}

/** The login as a service account or an instance of Google Cloud. */
export function gcp(options: GcpOptions): VaultAuthentication {
  const { role, jwt, mount } = ownOptions(options, GCP_OPTIONS, 'gcp');
  checkCredential(jwt, 'jwt', 'gcp');
  return VaultAuthentication.of('Google Cloud', async (client) =>
    client.auth.gcp.login({ role, jwt: await readCredential(jwt, 'jwt'), mount }),
  );
}

/** The login with a managed identity of Azure. */
export function azure(options: AzureOptions): VaultAuthentication {
  const { jwt, ...login } = ownOptions(options, AZURE_OPTIONS, 'azure');
  checkCredential(jwt, 'jwt', 'azure');
  return VaultAuthentication.of('Azure', async (client) =>
    client.auth.azure.login({ ...login, jwt: await readCredential(jwt, 'jwt') }),
  );
}

/** The login with a token of GitHub. */
export function github(options: GithubOptions): VaultAuthentication {
  const { token: given, mount } = ownOptions(options, GITHUB_OPTIONS, 'github');
  checkCredential(given, 'token', 'github');
  return VaultAuthentication.of('GitHub', async (client) =>
    client.auth.github.login({ token: await readCredential(given, 'token'), mount }),
  );
}

/** The login with the certificate in `tls.cert` and `tls.key` (or `tls.certFile` and `tls.keyFile`). */
export function cert(given?: VaultCertLogin): VaultAuthentication {
  const options = ownOptions(given, CERT_LOGIN, 'cert');
  return VaultAuthentication.of('certificate', (client) => client.auth.cert.login(options));
}

/**
 * No login: requests go without a token to Vault Agent or Vault Proxy, which logs in itself and adds the token (`use_auto_auth_token`, best with
 * `"force"`). Of that token nothing is renewed or revoked.
 */
export const agent = (): VaultAuthentication => VaultAuthentication.elsewhere('agent');

/** The login as an IAM principal of AWS. Without `credentials` it needs the package `@aws-sdk/credential-providers`. */
export function awsIam(given?: VaultAwsIamLogin): VaultAuthentication {
  const options = ownOptions(given, AWS_IAM_LOGIN, 'awsIam');
  return VaultAuthentication.of('AWS IAM', (client) => client.auth.awsIam.login(options));
}
