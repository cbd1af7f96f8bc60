import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';

/** What the environment says of Vault, as its own command line reads it; OpenBao's `BAO_*` come before `VAULT_*`. */
export class VaultEnvironment {
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = environment;
  }

  get address(): string | undefined {
    return this.#read('ADDR');
  }

  /** `VAULT_TOKEN`, then the file that `vault login` leaves. */
  get token(): string | undefined {
    return this.#read('TOKEN') ?? tokenFile(this.#environment['HOME'] || homedir());
  }

  get namespace(): string | undefined {
    return this.#read('NAMESPACE');
  }

  get caFile(): string | undefined {
    return this.#read('CACERT');
  }

  get caPath(): string | undefined {
    return this.#read('CAPATH');
  }

  get certFile(): string | undefined {
    return this.#read('CLIENT_CERT');
  }

  get keyFile(): string | undefined {
    return this.#read('CLIENT_KEY');
  }

  get serverName(): string | undefined {
    return this.#read('TLS_SERVER_NAME');
  }

  /** Go's spellings of a boolean, as Vault's own command line takes them. Throws SecretConfigurationError for any other text. */
  get skipVerify(): boolean {
    const text = this.#read('SKIP_VERIFY');
    if (text === undefined || /^(?:0|f|false)$/i.test(text)) return false;
    if (/^(?:1|t|true)$/i.test(text)) return true;
    throw new SecretConfigurationError('VAULT_SKIP_VERIFY (or BAO_SKIP_VERIFY) is neither true nor false.');
  }

  #read(name: string): string | undefined {
    return this.#environment[`BAO_${name}`]?.trim() || this.#environment[`VAULT_${name}`]?.trim() || undefined;
  }

  static {
    hideInOutput(VaultEnvironment.prototype, () => '[VAULT_*]');
  }
}

function tokenFile(home: string): string | undefined {
  try {
    return readFileSync(join(home, '.vault-token'), 'utf8').trim() || undefined;
  } catch {
    return undefined; // nobody has logged in on this machine
  }
}
