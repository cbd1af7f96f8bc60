import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretConfigurationError } from '../../core/errors/index.js';
import { foreignLabel } from '../../core/errors/foreign-text.js';
import type { NameRules } from '../../core/secret/secret-name.js';
import { nameRefusal } from '../../core/secret/secret-name.js';
import { KIND } from './azure-key-vault.errors.js';

/** Where a name leads: a secret of the vault, and the version that an address names. */
export interface Place {
  readonly secret: string;
  readonly version: string | undefined;
}

export interface VaultNamesOptions {
  /** Of the vault. */
  readonly origin: string;
  readonly prefix: string;
  readonly map: ((name: string) => string) | undefined;
}

const SHAPE = /^[0-9a-zA-Z-]{1,127}$/;
const RULES: NameRules = {
  place: 'segment',
  shape: {
    matches: (name) => SHAPE.test(name),
    words: 'those of Key Vault have letters, digits and dashes, 127 at most (the option `name` maps others)',
  },
};
/** Names that are kept in mind: those of an app are fewer, and what requests make up must not grow without end. */
const MOST = 10_000;

/** With a letter. */
const CAPITALS = /^[A-Z0-9-]*[A-Z][A-Z0-9-]*$/;

const underscoresAsDashes = (name: string): string => name.replaceAll('_', '-');

/**
 * How an app's names become names at the vault (mapped, then with the prefix before them), and back. Key Vault compares names without case, and so
 * do we. The name as it stands at the vault is another spelling of the app's name for it; two other names that lead to one secret are refused, but for
 * the one that came first.
 */
export class VaultNames {
  readonly #options: VaultNamesOptions;
  /** The app's name of a secret, by the secret's in lower case. */
  readonly #known = new Map<string, string>();

  constructor(options: VaultNamesOptions) {
    this.#options = options;
  }

  /** Where a name leads; or why it is refused. */
  place(name: string): Place | SecretError {
    return this.#resolved(name, true);
  }

  /** One spelling for all names of one secret: its address; a name that is refused is its own. */
  canonical(name: string): string {
    const place = this.#resolved(name, true);
    if (isSecretError(place)) return name;
    const address = `${this.#options.origin}/secrets/${place.secret.toLowerCase()}`;
    return place.version === undefined ? address : `${address}/${place.version}`;
  }

  /** There is no such secret: another name may lead to one. */
  forget(name: string, { secret }: Place): void {
    const key = secret.toLowerCase();
    if (this.#known.get(key) === name) this.#known.delete(key);
  }

  /**
   * The name by which `read` finds a secret of the vault: the app's own, where it has asked by one. Else with underscores, where it is all in capitals
   * as environment variables are (`STRIPE-KEY`), else as it stands. Undefined for one outside the prefix, or that no such name leads to.
   */
  nameOf(secret: string): string | undefined {
    const short = this.#short(secret);
    if (short === undefined) return undefined;
    const known = this.#known.get(secret.toLowerCase());
    if (known !== undefined) return known;
    const candidates = [short, short.replaceAll('-', '_')];
    if (CAPITALS.test(short)) candidates.reverse();
    return candidates.find((name) => {
      const place = this.#resolved(name, false);
      return !isSecretError(place) && isSame(place.secret, secret);
    });
  }

  /** Names for what an event announces: a secret's name at the vault, or its address. */
  namesOf(announced: string): readonly string[] {
    const address = this.#address(announced);
    if (isSecretError(address)) return [];
    const secret = address?.secret ?? announced;
    const name = SHAPE.test(secret) ? this.nameOf(secret) : undefined;
    return name === undefined ? [] : [name];
  }

  #short(secret: string): string | undefined {
    const { prefix } = this.#options;
    const isInside = secret.toLowerCase().startsWith(prefix.toLowerCase()) && secret.length > prefix.length;
    return isInside ? secret.slice(prefix.length) : undefined;
  }

  #resolved(name: string, remember: boolean): Place | SecretError {
    const address = this.#address(name);
    const secret = address ? (isSecretError(address) ? address : address.secret) : this.#mapped(name);
    if (isSecretError(secret)) return secret;
    const refusal = nameRefusal(name, RULES, { sourceKind: KIND }, secret);
    if (refusal) return refusal;
    const place = { secret, version: isSecretError(address) ? undefined : address?.version };
    // Its own name, or its address, can be no mistake.
    if (address !== undefined || isSame(this.#short(secret) ?? '', name)) return place;
    const key = secret.toLowerCase();
    const known = this.#known.get(key);
    if (known !== undefined && !isSame(known, name)) return twoForOne(known, name, secret);
    if (known === undefined && remember && this.#known.size < MOST) this.#known.set(key, name);
    return place;
  }

  #mapped(name: string): string | SecretError {
    const { prefix, map = underscoresAsDashes } = this.#options;
    if (name === '') return '';
    let mapped: unknown;
    try {
      mapped = map(name);
    } catch (cause) {
      return isSecretError(cause)
        ? cause.located({ secretName: name })
        : unmapped(name, `fails: ${foreignLabel(cause)}`);
    }
    return typeof mapped === 'string' ? (mapped === '' ? '' : prefix + mapped) : unmapped(name, 'gives no text');
  }

  /** `https://NAME.vault.azure.net/secrets/NAME[/VERSION]`, as the portal shows it; undefined for what is not an address. */
  #address(name: string): Place | SecretError | undefined {
    if (!/^https?:\/\//i.test(name)) return undefined;
    const { origin } = this.#options;
    const [, host, secret, version] =
      /^(https?:\/\/[^/]+)\/secrets\/([^/]+)(?:\/([0-9a-f]{32}))?\/?$/i.exec(name) ?? [];
    if (host !== undefined && secret !== undefined && URL.canParse(host) && new URL(host).origin === origin) {
      return { secret, version: version?.toLowerCase() };
    }
    return new SecretConfigurationError(`its name is an address, and that of no secret at ${origin}.`, {
      secretName: name,
      sourceKind: KIND,
      advice: 'Each vault is a source of its own; firstOf() takes several as one.',
    });
  }
}

const isSame = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

const unmapped = (secretName: string, what: string): SecretError =>
  new SecretConfigurationError(`the option \`name\` ${what} for it.`, { secretName, sourceKind: KIND });

const twoForOne = (known: string, secretName: string, secret: string): SecretError =>
  new SecretConfigurationError(`the names "${known}" and "${secretName}" both lead to the secret "${secret}".`, {
    secretName,
    sourceKind: KIND,
    advice: 'Use one of them, or have the option `name` tell them apart.',
  });
