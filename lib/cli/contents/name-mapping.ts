import { UsageError } from '../usage-error.js';

export interface MappingOptions {
  /** Only names that begin with it. */
  readonly prefix?: string | undefined;
  /** These of them and no others; whole names. */
  readonly only?: readonly string[] | undefined;
  /** All of them but these; whole names. */
  readonly except?: readonly string[] | undefined;
  /** Taken off the beginning of names. */
  readonly strip?: string | undefined;
  /** `from=to`, each; whole names. */
  readonly rename?: readonly string[] | undefined;
}

/** Names at A, whole, as one of the two options has them. */
interface Chosen {
  readonly option: 'only' | 'except';
  readonly names: ReadonlySet<string>;
}

/** How names of one source become names at another. */
export class NameMapping {
  private constructor(
    readonly prefix: string,
    private readonly chosen: Chosen | undefined,
    private readonly strip: string,
    private readonly renamed: ReadonlyMap<string, string>,
  ) {}

  /** Throws UsageError for a renaming that is none. */
  static of({ prefix = '', only, except, strip = '', rename = [] }: MappingOptions): NameMapping {
    if (only && except) throw new UsageError('--only and --except exclude each other.');
    const chosen: Chosen | undefined = only
      ? { option: 'only', names: new Set(only) }
      : except && { option: 'except', names: new Set(except) };
    const renamed = new Map<string, string>();
    for (const text of rename) {
      const [from = '', to = '', ...more] = text.split('=');
      if (from === '' || to === '' || more.length > 0) {
        throw new UsageError('--rename is from=to, both names of secrets; a name that holds "=" can’t be renamed.');
      }
      if (renamed.has(from)) throw new UsageError(`--rename: "${from}" is renamed twice.`);
      renamed.set(from, to);
    }
    return new NameMapping(prefix, chosen, strip, renamed);
  }

  /** True where a secret of the first source is meant. */
  takes(name: string): boolean {
    return !this.chosen || this.chosen.names.has(name) === (this.chosen.option === 'only');
  }

  /** True where secrets of the other source that the first has none of are meant too: not where single names are. */
  get isOpen(): boolean {
    return this.chosen?.option !== 'only';
  }

  /** The name at the other source; undefined where nothing is left of it. */
  to(name: string): string | undefined {
    const given = this.renamed.get(name);
    if (given !== undefined) return given;
    const mapped = name.startsWith(this.strip) ? name.slice(this.strip.length) : name;
    return mapped === '' ? undefined : mapped;
  }

  /** What names of these secrets begin with at the other source, as far as it is known. */
  get prefixThere(): string {
    if (this.renamed.size > 0) return '';
    return this.prefix.startsWith(this.strip) ? this.prefix.slice(this.strip.length) : '';
  }

  /** Names that an option has and the first source has not: a slip of the pen that would go unseen. */
  unused(held: ReadonlyMap<string, unknown>): readonly { readonly option: string; readonly name: string }[] {
    const { option = 'only', names = [] } = this.chosen ?? {};
    const given = [
      ...[...names].map((name) => ({ option: `--${option}`, name })),
      ...[...this.renamed.keys()].map((name) => ({ option: '--rename', name })),
    ];
    return given.filter(({ name }) => !held.has(name));
  }
}
