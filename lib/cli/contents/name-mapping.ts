import { UsageError } from '../usage-error.js';

export interface MappingOptions {
  /** Only names that begin with it. */
  readonly prefix?: string | undefined;
  /** Taken off the beginning of names. */
  readonly strip?: string | undefined;
  /** `from=to`, each; whole names. */
  readonly rename?: readonly string[] | undefined;
}

/** How names of one source become names at another. */
export class NameMapping {
  private constructor(
    readonly prefix: string,
    private readonly strip: string,
    private readonly renamed: ReadonlyMap<string, string>,
  ) {}

  /** Throws UsageError for a renaming that is none. */
  static of({ prefix = '', strip = '', rename = [] }: MappingOptions): NameMapping {
    const renamed = new Map<string, string>();
    for (const text of rename) {
      const [from = '', to = '', ...more] = text.split('=');
      if (from === '' || to === '' || more.length > 0) {
        throw new UsageError('--rename is from=to, both names of secrets; a name that holds "=" can’t be renamed.');
      }
      if (renamed.has(from)) throw new UsageError(`--rename: "${from}" is renamed twice.`);
      renamed.set(from, to);
    }
    return new NameMapping(prefix, strip, renamed);
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

  /** Renamings of names that are not there: a slip of the pen that would go unseen. */
  unused(names: ReadonlySet<string>): readonly string[] {
    return [...this.renamed.keys()].filter((name) => !names.has(name));
  }
}
