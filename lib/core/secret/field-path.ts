import { SecretFieldError } from '../errors/index.js';
import { parseJsonDocument } from './json.js';
import { deepFreeze, isBytes } from './secret-value.js';

/** A dotted path into a structured secret: `values.access_key_id`, `hosts.0.name`. */
export class FieldPath {
  static readonly #known = new Map<string, FieldPath>();

  private constructor(
    readonly text: string,
    private readonly parts: readonly string[],
  ) {}

  /** Throws SecretFieldError for a malformed path: empty, or with an empty part (`values.`, `a..b`). */
  static parse(text: string): FieldPath {
    const known = this.#known.get(text);
    if (known) return known;
    const parts = typeof text === 'string' ? text.split('.') : [''];
    if (parts.some((part) => part === '')) {
      throw new SecretFieldError(
        `the field path "${String(text)}" is malformed: write parts divided by single dots, as in "values.access_key_id".`,
        {
          field: String(text),
        },
      );
    }
    const path = new FieldPath(text, parts);
    // Paths come from code, so they are few; the bound is for programs that make them up.
    if (this.#known.size < 10_000) this.#known.set(text, path);
    return path;
  }

  /**
   * What the path leads to. Own properties and array indexes only; looks into strings that hold a JSON object or array.
   * Throws SecretFieldError that names the deepest part that exists.
   */
  resolve(root: unknown, secretName?: string): unknown {
    let current = root;
    for (const [index, part] of this.parts.entries()) {
      const container = asContainer(current);
      if (container === undefined || !Object.hasOwn(container, part) || (Array.isArray(container) && !isIndex(part))) {
        throw this.#leadsNowhere(index, container, current, secretName);
      }
      current = (container as Record<string, unknown>)[part];
    }
    return current;
  }

  #leadsNowhere(depth: number, container: object | undefined, current: unknown, secretName?: string): SecretFieldError {
    const deepest = depth === 0 ? 'the secret itself' : `"${this.parts.slice(0, depth).join('.')}"`;
    const found =
      container === undefined ? `${describe(current)}, and has no fields` : `there, and has no "${this.parts[depth]}"`;
    return new SecretFieldError(`no field "${this.text}": ${deepest} is ${found}.`, { field: this.text, secretName });
  }
}

const isIndex = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part);

function asContainer(value: unknown): object | undefined {
  if (typeof value === 'string') return deepFreeze(parseJsonDocument(value));
  return typeof value === 'object' && value !== null && !isBytes(value) ? value : undefined;
}

/** What kind of thing a value is; never the value. */
function describe(value: unknown): string {
  if (isBytes(value)) return 'bytes';
  if (typeof value === 'string') return 'text that holds no JSON object or array';
  return value === null ? 'null' : `a ${typeof value}`;
}
