import { isEncodable } from '../../core/secret/secret-name.js';

/** What the name of a variable ends in that holds the path of a file with the value. */
const FILE_ENDING = '_FILE';

/** Where the value of a name is. */
export type Variable =
  | { readonly value: string }
  | { readonly file: string; readonly variable: string }
  | { readonly both: readonly [variable: string, fileVariable: string] };

/** The environment of this process, looked up at each question. */
export class Variables {
  constructor(
    private readonly prefix: string,
    private readonly files: boolean,
  ) {}

  /** As the image scripts of Docker do, an empty variable counts as one that is not set where there are two to choose from. */
  find(name: string): Variable | undefined {
    if (name === '') return undefined;
    const variable = this.prefix + name;
    const value = valueOf(variable);
    const fileVariable = variable + FILE_ENDING;
    const file = this.files ? valueOf(fileVariable) : undefined;
    if (!file) return value === undefined ? undefined : { value };
    return value ? { both: [variable, fileVariable] } : { file, variable: fileVariable };
  }

  /** The path of the file with the value, where that is where it is. */
  fileOf(name: string): string | undefined {
    const found = this.find(name);
    return found && 'file' in found ? found.file : undefined;
  }

  /** All that begin with the prefix; `NAME_FILE` stands as `NAME`, whose value it leads to. */
  names(): string[] {
    const names = new Set<string>();
    for (const variable of Object.keys(process.env)) {
      if (variable.length <= this.prefix.length || !variable.startsWith(this.prefix)) continue;
      const name = variable.slice(this.prefix.length);
      const isPath = this.files && name.endsWith(FILE_ENDING) && process.env[variable] !== '';
      const bare = isPath ? name.slice(0, -FILE_ENDING.length) : '';
      names.add(bare || name);
    }
    return [...names];
  }
}

export const canBeAVariable = (name: string): boolean =>
  !name.includes('\0') && !name.includes('=') && isEncodable(name);

/** The system would cut a name at `=`, and so take it for another's; `constructor` and its kin are not variables. */
const valueOf = (variable: string): string | undefined =>
  canBeAVariable(variable) && Object.hasOwn(process.env, variable) ? process.env[variable] : undefined;
