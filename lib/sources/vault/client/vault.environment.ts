import { homedir } from 'node:os';
import { join } from 'node:path';
import { SecretConfigurationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { RequestLimit } from '../../../core/source/rate-limit.js';
import { readAtOnce } from '../../watch/index.js';
import { isObject } from './vault.answer.js';

/** What the environment says of Vault, as its own command line reads it; OpenBao's `BAO_*` come before `VAULT_*`. */
export class VaultEnvironment {
  readonly #environment: NodeJS.ProcessEnv;

  constructor(environment: NodeJS.ProcessEnv = process.env) {
    this.#environment = environment;
  }

  /** That of an agent comes before the server's own. */
  get address(): string | undefined {
    return this.#read('AGENT_ADDR') ?? this.#read('ADDR');
  }

  /** Milliseconds: `VAULT_CLIENT_TIMEOUT`, in seconds or as a duration of Go's. Throws SecretConfigurationError for any other text. */
  get timeout(): number | undefined {
    const text = this.#read('CLIENT_TIMEOUT');
    if (text === undefined) return undefined;
    const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
    if (number === undefined || Number(number) === 0)
      throw refused('CLIENT_TIMEOUT', 'is no time: give seconds, or e.g. "30s".');
    return Number(number) * UNITS[(unit ?? 's') as keyof typeof UNITS];
  }

  /** `VAULT_MAX_RETRIES`: attempts after the first. Throws SecretConfigurationError for what is not a number. */
  get maxRetries(): number | undefined {
    const text = this.#read('MAX_RETRIES');
    if (text !== undefined && !/^\d{1,6}$/.test(text)) throw refused('MAX_RETRIES', 'is not a whole number.');
    return text === undefined ? undefined : Number(text);
  }

  /**
   * `VAULT_RATE_LIMIT`: requests a second, and after a colon how many may come at once (else as many as a second has). Throws
   * SecretConfigurationError for any other text.
   */
  get rateLimit(): RequestLimit | undefined {
    const text = this.#read('RATE_LIMIT');
    if (text === undefined) return undefined;
    const [, rate, burst] = /^(\d{1,9}(?:\.\d{1,9})?)(?::(\d{1,9}))?$/.exec(text) ?? [];
    const perSecond = Number(rate);
    if (!(perSecond > 0)) throw refused('RATE_LIMIT', 'is not a rate: give requests a second, as "20" or "20:40".');
    const requests = Math.max(1, Number(burst ?? Math.floor(perSecond)));
    return { requests, within: (requests / perSecond) * 1000 };
  }

  /** `VAULT_PROXY_ADDR`, else `VAULT_HTTP_PROXY`. */
  get proxy(): { readonly option: string; readonly url: string } | undefined {
    for (const name of ['PROXY_ADDR', 'HTTP_PROXY']) {
      const url = this.#read(name);
      if (url !== undefined) return { option: `VAULT_${name}`, url };
    }
    return undefined;
  }

  /** `VAULT_HEADERS`: an object of JSON. Throws SecretConfigurationError for any other text, without it. */
  get headers(): Readonly<Record<string, string>> {
    const text = this.#read('HEADERS');
    if (text === undefined) return {};
    const given = parsed(text);
    if (isObject(given) && Object.values(given).every((value) => typeof value === 'string'))
      return given as Record<string, string>;
    throw refused('HEADERS', 'is not an object of JSON with texts: give e.g. {"X-Gateway":"…"}.');
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

  /** The certificate itself, in place of its file. */
  get ca(): string | undefined {
    return this.#read('CACERT_BYTES');
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
    throw refused('SKIP_VERIFY', 'is neither true nor false.');
  }

  #read(name: string): string | undefined {
    return this.#environment[`BAO_${name}`]?.trim() || this.#environment[`VAULT_${name}`]?.trim() || undefined;
  }

  static {
    hideInOutput(VaultEnvironment.prototype, () => '[VAULT_*]');
  }
}

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const refused = (name: string, why: string): SecretConfigurationError =>
  new SecretConfigurationError(`VAULT_${name} (or BAO_${name}) ${why}`);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // the parser's error quotes the text
  }
}

function tokenFile(home: string): string | undefined {
  try {
    return readAtOnce(join(home, '.vault-token')).toString('utf8').trim() || undefined;
  } catch {
    return undefined; // nobody has logged in on this machine
  }
}
