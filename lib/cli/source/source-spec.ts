import { didYouMean, nearNames } from '../../core/options/near-names.js';
import { hideInOutput } from '../../core/redaction.js';
import { UsageError } from '../usage-error.js';

/** What a parameter may be: text, yes or no (`json`, `json=false`), a number, a list (`a,b`). */
export type ParameterKind = 'text' | 'boolean' | 'number' | 'texts';

export type ParameterKinds = Readonly<Record<string, ParameterKind>>;

interface Types {
  readonly text: string;
  readonly boolean: boolean;
  readonly number: number;
  readonly texts: readonly string[];
}

/** The parameters of a spec by their kinds; what was not given is not there. */
export type Parameters<K extends ParameterKinds> = { readonly [N in keyof K]?: Types[K[N]] };

/** What must not stand on a command line, where every process of the machine sees it. */
const CREDENTIAL =
  /token|passw|pwd|secret|credential|api_?key|access_?key|private_?key|^key$|jwt|auth(?:orization)$|^(?:user|username)$/i;

/** Quoted in errors where it is written like a name of ours; else it may be a value. */
const NAME = /^[a-z][A-Za-z]{0,23}$/;

/**
 * A source as the command line names it: `SCHEME:PLACE?name=value&flag`. Percent-encoding works in the place and in values. Its text stands in no
 * error: what was pasted into it by mistake is a secret.
 */
export class SourceSpec {
  private constructor(
    /** E.g. `vault`; that there is such a backend is not said. */
    readonly scheme: string,
    /** Between the colon and the question mark, decoded. */
    readonly place: string,
    private readonly given: ReadonlyMap<string, string | true>,
  ) {}

  /** @throws UsageError for what is no such text. */
  static of(text: string): SourceSpec {
    const [, scheme, place = '', query] = /^([a-z][a-z0-9-]{0,15}):([^?]*)(?:\?(.*))?$/s.exec(text) ?? [];
    if (scheme === undefined)
      throw new UsageError(`a source is SCHEME:PLACE?option=value, as in vault:secret/prod. ${SEE}`);
    const given = new Map<string, string | true>();
    for (const part of query ? query.split('&') : []) {
      const at = part.indexOf('=');
      const name = decoded(at < 0 ? part : part.slice(0, at), scheme);
      if (given.has(name)) throw new UsageError(`the source ${scheme}: has ${shown(name)} twice.`);
      given.set(name, at < 0 ? true : decoded(part.slice(at + 1), scheme));
    }
    const spec = new SourceSpec(scheme, decoded(place, scheme), given);
    spec.#refuseCredentials();
    return spec;
  }

  /** @throws UsageError for a parameter that is not among these, or of another kind. */
  parameters<const K extends ParameterKinds>(kinds: K): Parameters<K> {
    const own: Record<string, unknown> = {};
    for (const [name, value] of this.given) {
      const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
      if (kind === undefined) throw this.#unknown(name, Object.keys(kinds));
      own[name] = this.#valueOf(name, value, kind);
    }
    return own as Parameters<K>;
  }

  /** @throws UsageError where there is a place, which this backend has none of. */
  refusePlace(why: string): void {
    if (this.place !== '') throw this.error(why);
  }

  error(why: string): UsageError {
    return new UsageError(`the source ${this.scheme}: ${why}`);
  }

  /** `https://user:password@host` in whatever part, and parameters that are named like a credential. */
  #refuseCredentials(): void {
    const texts = [this.place, ...this.given.values()].filter((text) => text !== true);
    if (texts.some((text) => /\/\/[^/?#]*@/.test(text))) {
      throw this.error(`has a name or password before the @ of an address. ${FROM_ENVIRONMENT}`);
    }
    for (const name of this.given.keys()) {
      if (CREDENTIAL.test(name)) throw this.error(`takes no credential: ${shown(name)} is one. ${FROM_ENVIRONMENT}`);
    }
  }

  #unknown(name: string, known: readonly string[]): UsageError {
    const meant = didYouMean(nearNames(name, known)) || ` It takes ${known.join(', ')}.`;
    return this.error(`has no option ${shown(name)}.${meant}`);
  }

  #valueOf(name: string, value: string | true, kind: ParameterKind): unknown {
    if (kind === 'boolean') {
      if (value === true || value === 'true') return true;
      if (value === 'false') return false;
      throw this.error(`takes "${name}" as it stands, or as ${name}=false.`);
    }
    if (value === true || value === '') throw this.error(`needs a value for "${name}": ${name}=…`);
    if (kind === 'texts') return value.split(',');
    if (kind === 'text') return value;
    if (!/^\d{1,9}(?:\.\d{1,6})?$/.test(value)) throw this.error(`takes a number for "${name}".`);
    return Number(value);
  }

  static {
    hideInOutput(SourceSpec.prototype, (self) => `[source ${self.scheme}]`);
  }
}

const SEE = 'See "help get" for all of them.';
const FROM_ENVIRONMENT = "Credentials come from the environment, as the vendor's own tools take them.";

const shown = (name: string): string => (NAME.test(name) ? `"${name}"` : 'one of its options');

function decoded(text: string, scheme: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(`the source ${scheme}: has a % that begins no percent-encoding; a percent sign is %25.`);
  }
}
