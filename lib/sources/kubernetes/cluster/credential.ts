import { isSecretError, SecretAuthenticationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { fileTrouble, readCredentialText } from '../../watch/index.js';
import { KIND } from '../kubernetes.errors.js';

/** What proves who we are: a token, a certificate with its key, or both. Shows nothing of itself. */
export class Proof {
  readonly #token: string | undefined;
  readonly #certificate: { readonly cert: string; readonly key: string } | undefined;

  constructor(token: string | undefined, certificate?: { readonly cert: string; readonly key: string }) {
    this.#token = token;
    this.#certificate = certificate;
  }

  get token(): string | undefined {
    return this.#token;
  }

  /** In PEM. */
  get certificate(): { readonly cert: string; readonly key: string } | undefined {
    return this.#certificate;
  }

  static {
    hideInOutput(Proof.prototype, () => '[secret proof]');
  }
}

/** One way to prove who we are. Rejects only with SecretErrors. */
export interface Credential {
  /** Milliseconds for which no other is asked for though a new one be refused, where asking costs much. @default 0 */
  readonly rest?: number;
  /** @param signal ends what is under way for it, when the source closes. */
  proof(signal: AbortSignal): Promise<Proof>;
}

export class FixedCredential implements Credential {
  readonly #proof: Proof;

  constructor(proof: Proof) {
    this.#proof = proof;
  }

  proof(): Promise<Proof> {
    return Promise.resolve(this.#proof);
  }

  static {
    hideInOutput(FixedCredential.prototype, () => '[secret credential]');
  }
}

/** Others replace the file: it is read again so often (ms), as Kubernetes' own clients do. */
const REREAD = 60_000;

/** A token in a file, such as a pod's. While it can't be read, or is empty, the one before serves. */
export class TokenFile implements Credential {
  #kept: { readonly proof: Proof; readonly at: number } | undefined;

  constructor(
    private readonly path: string,
    private readonly now: () => number = () => performance.now(),
  ) {}

  async proof(): Promise<Proof> {
    const kept = this.#kept;
    if (kept && this.now() - kept.at < REREAD) return kept.proof;
    try {
      const proof = new Proof(checkedToken((await readCredentialText(this.path)).trim(), `the file "${this.path}"`));
      this.#kept = { proof, at: this.now() };
      return proof;
    } catch (cause) {
      if (kept) return kept.proof;
      if (isSecretError(cause) && cause.code === 'SECRET_AUTHENTICATION') throw cause;
      const { reason, advice } = fileTrouble(this.path, cause);
      throw new SecretSourceUnavailableError(`the token: ${reason}`, { sourceKind: KIND, cause, advice });
    }
  }

  static {
    hideInOutput(TokenFile.prototype, (self) => `[secret token of ${self.path}]`);
  }
}

/** @throws SecretAuthenticationError for what no header could hold. @param of where it comes from. */
export function checkedToken(token: unknown, of: string): string {
  if (typeof token === 'string' && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new SecretAuthenticationError(`${of} holds no token.`, {
    sourceKind: KIND,
    advice: 'Have it written by whoever gives tokens: the kubelet, or the cluster’s own tools.',
  });
}
