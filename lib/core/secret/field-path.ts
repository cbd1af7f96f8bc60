import { SecretFieldError } from '../errors/index.js';
import { parseJsonForReading } from './json.js';
import { freezeJson, isBytes, MAX_DEPTH } from './secret-value.js';

interface Segment {
  readonly key: string;
  /** Where it ends in the path's text. */
  readonly end: number;
}

/** One segment: in brackets and quotes, or up to the next dot or bracketed one. */
const SEGMENT = /\[(?:'([^']*)'|"([^"]*)")\]|((?:(?!\[['"])[^.])+)/y;

/** A path into a structured secret: `values.access_key_id`, `hosts.0.name`, `data['tls.crt']`. */
export class FieldPath {
  static readonly #known = new Map<string, FieldPath>();
  /** Bytes that `#known` may still take. */
  static #left = 1024 * 1024;

  private constructor(
    readonly text: string,
    private readonly segments: readonly Segment[],
  ) {}

  /**
   * Throws SecretFieldError for a malformed path: empty, with an empty part (`values.`, `a..b`), or with brackets or
   * quotes left open.
   */
  static parse(text: string): FieldPath {
    const known = this.#known.get(text);
    if (known) return known;
    const segments = typeof text === 'string' ? segmentsOf(text) : undefined;
    if (!segments) {
      throw new SecretFieldError(
        `the field path "${String(text)}" is malformed: write parts divided by single dots, as in "values.access_key_id"; ` +
          `one that holds dots stands in brackets and quotes, as in "data['tls.crt']".`,
        { field: String(text) },
      );
    }
    const path = new FieldPath(text, segments);
    // Paths come from code, so they are few and short; the bound is for programs that make them up.
    const size = sizeOf(path);
    if (size <= this.#left) {
      this.#left -= size;
      this.#known.set(text, path);
    }
    return path;
  }

  get segmentCount(): number {
    return this.segments.length;
  }

  /**
   * What the path leads to. Own properties and array indexes only; looks into strings that hold a JSON object or array.
   * Throws SecretFieldError that names the deepest part that exists.
   */
  resolve(root: unknown, secretName?: string): unknown {
    let current = root;
    for (const [index, { key }] of this.segments.entries()) {
      const container = asContainer(current);
      if (container === undefined || !Object.hasOwn(container, key) || (Array.isArray(container) && !isIndex(key))) {
        throw this.#leadsNowhere(index, container, current, secretName);
      }
      current = (container as Record<string, unknown>)[key];
    }
    return current;
  }

  #leadsNowhere(depth: number, container: object | undefined, current: unknown, secretName?: string): SecretFieldError {
    const deepest = depth === 0 ? 'the secret itself' : `"${this.text.slice(0, this.segments[depth - 1]!.end)}"`;
    const found =
      container === undefined
        ? `${describe(current)}, and has no fields`
        : `there, and has no "${this.segments[depth]!.key}"`;
    return new SecretFieldError(`no field "${this.text}": ${deepest} is ${found}.`, { field: this.text, secretName });
  }
}

/** Bytes that a parsed path takes, about: its text twice (whole and in parts), and an object for it and for each part. */
const sizeOf = ({ text, segmentCount }: FieldPath): number => 200 + 4 * text.length + 100 * segmentCount;

/** Undefined for a malformed path. A bracketed segment needs no dot before it, and has one, or a bracket, behind it. */
function segmentsOf(text: string): Segment[] | undefined {
  const segments: Segment[] = [];
  for (let at = 0; ;) {
    SEGMENT.lastIndex = at;
    const found = SEGMENT.exec(text);
    if (!found) return undefined;
    const [whole, single, double, plain] = found;
    const afterDot = text[at - 1] === '.';
    if (afterDot && plain === undefined) return undefined;
    if (at > 0 && !afterDot && plain !== undefined) return undefined;
    at += whole.length;
    segments.push({ key: (single ?? double ?? plain)!, end: at });
    if (at === text.length) return segments;
    if (text[at] === '.') at += 1;
  }
}

const isIndex = (part: string): boolean => /^(0|[1-9]\d*)$/.test(part);

function asContainer(value: unknown): object | undefined {
  if (typeof value === 'string') return containerIn(value);
  return typeof value === 'object' && value !== null && !isBytes(value) ? value : undefined;
}

/**
 * The JSON object or array in a text; nested deeper than a value may be it is none, as readers could not walk through
 * it.
 */
function containerIn(text: string): object | undefined {
  const parsed = parseJsonForReading(text);
  return parsed !== undefined && freezeJson(parsed) ? parsed : undefined;
}

/** What kind of thing a value is; never the value. */
function describe(value: unknown): string {
  if (isBytes(value)) return 'bytes';
  if (typeof value !== 'string') return value === null ? 'null' : `a ${typeof value}`;
  return parseJsonForReading(value) === undefined
    ? 'text that holds no JSON object or array'
    : `text that holds JSON nested deeper than ${MAX_DEPTH} levels`;
}
