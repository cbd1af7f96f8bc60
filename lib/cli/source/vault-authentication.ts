import { homedir } from 'node:os';
import { join } from 'node:path';
import type { VaultAuthentication, VaultCredential } from 'nestjs-hcp-vault/vault';
import {
  agent,
  appRole,
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
} from 'nestjs-hcp-vault/vault';
import type { SourceSpec } from './source-spec.js';

/** What a spec says of the login; the rest is in the environment. */
interface LoginParameters {
  readonly auth?: string | undefined;
  readonly role?: string | undefined;
  readonly mount?: string | undefined;
}

/** How to log in at Vault: by `auth=` of the spec, else by what the environment holds. Credentials are in the environment, or in files that it names. */
export function vaultAuthentication(
  spec: SourceSpec,
  environment: NodeJS.ProcessEnv,
  { auth, role, mount }: LoginParameters,
): VaultAuthentication {
  const read = (name: string): string | undefined =>
    environment[`BAO_${name}`]?.trim() || environment[`VAULT_${name}`]?.trim() || undefined;
  const found = (name: string): VaultCredential | undefined => {
    const file = read(`${name}_FILE`);
    return read(name) ?? (file === undefined ? undefined : { file });
  };
  const needed = (name: string): VaultCredential => {
    const credential = found(name);
    if (credential === undefined) throw spec.error(`needs VAULT_${name} or VAULT_${name}_FILE for auth=${method}.`);
    return credential;
  };
  const neededRole = (): string => {
    if (role === undefined) throw spec.error(`needs role=… for auth=${method}.`);
    return role;
  };
  const byPassword = () => ({ username: needed('USERNAME'), password: needed('PASSWORD'), mount });
  const methods: Readonly<Record<string, () => VaultAuthentication>> = {
    token: () => token(needed('TOKEN')),
    login: () => token({ file: join(environment['HOME'] || homedir(), '.vault-token') }),
    appRole: () => appRole({ roleId: needed('ROLE_ID'), secretId: found('SECRET_ID'), mount }),
    agent,
    kubernetes: () => kubernetes({ role: neededRole(), tokenFile: read('JWT_FILE'), mount }),
    jwt: () => jwt({ role, jwt: needed('JWT'), mount }),
    userpass: () => userpass(byPassword()),
    ldap: () => ldap(byPassword()),
    okta: () => okta(byPassword()),
    github: () => github({ token: needed('AUTH_GITHUB_TOKEN'), mount }),
    cert: () => cert({ name: role, mount }),
    awsIam: () => awsIam({ role, mount }),
    gcp: () => gcp({ role: neededRole(), jwt: needed('JWT'), mount }),
    azure: () => azure({ role: neededRole(), jwt: needed('JWT'), mount }),
  };
  const byEnvironment = (): string | undefined => {
    if (found('TOKEN') !== undefined) return 'token';
    if (found('ROLE_ID') !== undefined) return 'appRole';
    return read('AGENT_ADDR') === undefined ? undefined : 'agent';
  };
  const method = auth ?? byEnvironment();
  if (method === undefined) {
    throw spec.error(
      'needs a login: VAULT_TOKEN, VAULT_TOKEN_FILE, VAULT_ROLE_ID with VAULT_SECRET_ID, VAULT_AGENT_ADDR, or auth=login after "vault login".',
    );
  }
  if (!Object.hasOwn(methods, method)) throw spec.error(`takes for "auth": ${Object.keys(methods).join(', ')}.`);
  return methods[method]!();
}
