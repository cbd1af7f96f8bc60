import { resolve } from 'node:path';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { TlsOptions } from '../../http/index.js';
import { KIND, recordOf } from '../kubernetes.errors.js';
import type { Credential } from './credential.js';
import { checkedToken, FixedCredential, Proof, TokenFile } from './credential.js';
import { ExecPlugin } from './exec-plugin.js';
import type { Section } from './section.js';
import { isText, pemOf } from './section.js';

/** What would be done with less than it says is refused: with other rights, or none, than the user means. */
const REFUSED: Readonly<Record<string, string>> = {
  username: 'API servers take no passwords any more: use a token, a client certificate or exec.',
  'auth-provider': 'kubectl has none any more: use exec, with the plugin of whoever runs the cluster.',
  as: 'Acting as somebody else is not supported: bind the rights to the user itself.',
  'as-uid': 'Acting as somebody else is not supported: bind the rights to the user itself.',
  'as-groups': 'Acting as somebody else is not supported: bind the rights to the user itself.',
};

/** A user of a kubeconfig. Hides what it holds. */
export class KubeconfigUser {
  readonly #section: Section;

  /** Throws SecretConfigurationError for what is not supported. */
  constructor(
    section: Section,
    private readonly cluster: Section,
    private readonly environment: NodeJS.ProcessEnv,
  ) {
    this.#section = section;
    for (const [field, advice] of Object.entries(REFUSED)) {
      if (section.fields[field] === undefined || section.fields[field] === '') continue;
      throw new SecretConfigurationError(`the user in "${section.path}" has "${field}".`, { sourceKind: KIND, advice });
    }
  }

  /** A token comes before its file, and both before a plugin, as with kubectl. */
  credential(): Credential {
    const { fields, folder, path } = this.#section;
    const { token, tokenFile, exec } = fields;
    if (isText(tokenFile)) return new TokenFile(resolve(folder, tokenFile));
    if (isText(token)) return new FixedCredential(new Proof(checkedToken(token, `the user in "${path}"`)));
    if (exec !== undefined && exec !== null) {
      return new ExecPlugin({ fields: recordOf(exec), folder, path }, this.cluster, this.environment);
    }
    return new FixedCredential(new Proof(undefined));
  }

  /** For TLS; read again each time. */
  certificate(): TlsOptions {
    const cert = pemOf(this.#section, 'client-certificate');
    const key = pemOf(this.#section, 'client-key');
    return cert === undefined && key === undefined ? {} : { cert, key };
  }

  static {
    hideInOutput(KubeconfigUser.prototype, (self) => `[secrets of ${self.cluster.path}]`);
  }
}
