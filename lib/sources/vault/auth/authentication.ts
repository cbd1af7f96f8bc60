import { SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { VaultAuth, VaultClient } from '../client/index.js';

/**
 * A login of one’s own: logs the client in, or sets its token. Where it resolves with what a `login` of the client gave, that token is ours to
 * renew and, at the end, to revoke; where it resolves with a token as text, or with nothing, the token is used and never revoked.
 */
export type VaultLogin = (client: VaultClient) => Promise<unknown>;

/** How the source comes to its token. Made by `token`, `appRole`, `kubernetes`, `userpass`, `ldap`, `okta`, `github`, `jwt`, `gcp`, `azure`, `cert`, `awsIam` and `agent`. */
export class VaultAuthentication {
  readonly #login: VaultLogin;
  /** Stands in errors. */
  readonly method: string;
  /** True where requests go without a token, as whoever is at the other end adds one. */
  readonly isElsewhere: boolean;

  private constructor(method: string, login: VaultLogin, isElsewhere = false) {
    this.method = method;
    this.#login = login;
    this.isElsewhere = isElsewhere;
  }

  static of(method: string, login: VaultLogin): VaultAuthentication {
    return new VaultAuthentication(method, login);
  }

  /** No login of ours. */
  static elsewhere(method: string): VaultAuthentication {
    return new VaultAuthentication(method, () => Promise.resolve(), true);
  }

  /** Throws SecretConfigurationError for what is neither a method nor a function. */
  static from(given: VaultAuthentication | VaultLogin): VaultAuthentication {
    if (given instanceof VaultAuthentication) return given;
    if (typeof given === 'function') return new VaultAuthentication('a login of your own', given);
    throw new SecretConfigurationError(
      'Option "auth" of vault() says how to log in: token(…), appRole(…), kubernetes(…), userpass(…), ldap(…), okta(…), github(…), jwt(…), gcp(…), azure(…), cert(), awsIam(), agent() behind Vault Agent or Proxy, or a function.',
    );
  }

  /** Leaves the client with a token. Gives what a login told of it; undefined for a token that somebody gave, whose life is not ours. */
  async login(client: VaultClient): Promise<VaultAuth | undefined> {
    client.token = undefined;
    const result = await this.#login(client);
    if (typeof result === 'string') client.token = result;
    const auth = (result as { auth?: VaultAuth | null } | null | undefined)?.auth;
    return typeof result === 'object' && auth && auth.client_token === client.token ? auth : undefined;
  }

  static {
    hideInOutput(VaultAuthentication.prototype, (self) => `[vault login: ${self.method}]`);
  }
}
