import type { Node } from 'yaml';
import type { SecretError } from '../../core/errors/index.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { loadedPackage } from '../../core/loaded-package.js';
import { memberValue } from '../../core/secret/json-fields.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { MAX_DEPTH } from '../../core/secret/secret-value.js';
import type { FileContent, FileParser } from './file.content.js';
import { FILE } from './file.options.js';

/** Characters that entries may have in JSON for each that the file has: aliases of aliases would fill the memory. */
const MOST_EXPANSION = 20;
const LEAST_ROOM = 100_000;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** A number as it is written. */
class NumberText {
  constructor(readonly text: string) {}
}

/** A value whose tag says that it is something else than what stands there, e.g. encrypted. */
class Tagged {}

/**
 * How a YAML 1.2 file with a map of secrets is read: as JSON with the same members would be, numbers in the words of the file. Merges (`<<`) and aliases
 * hold. Rejects with SecretConfigurationError where the package `yaml` is not installed.
 */
export async function yamlFileParser(): Promise<FileParser> {
  const yaml = await loadedPackage('yaml', FILE, () => import('yaml'));
  return (text) => {
    const document = yaml.parseDocument(text, { merge: true, intAsBigInt: true, logLevel: 'error' });
    const [error] = document.errors;
    if (error) return { fault: `is broken at line ${error.linePos?.[0].line ?? 1} (${error.code})` };
    if (!yaml.isMap(document.contents)) return { fault: 'holds no map of YAML' };
    yaml.visit(document, {
      Node: (key, node) => {
        if (key === 'key') return undefined;
        if (isForeign(node)) return Object.assign(new yaml.Scalar(new Tagged()), anchorOf(node));
        if (yaml.isScalar(node) && (typeof node.value === 'number' || typeof node.value === 'bigint')) {
          node.value = new NumberText(node.source ?? String(node.value));
        }
        return undefined;
      },
    });
    try {
      return entriesOf(document.toJS() as Record<string, unknown>, text.length);
    } catch {
      return { fault: 'has aliases that lead nowhere, or to far more than it holds' }; // the error may quote the file
    }
  };
}

const isForeign = ({ tag }: Node): boolean =>
  tag !== undefined && !/^tag:yaml\.org,2002:(?:map|seq|str|int|float|bool|null|merge)$/.test(tag);

/** What aliases of it lead to. */
const anchorOf = (node: Node): { anchor?: string } =>
  'anchor' in node && node.anchor !== undefined ? { anchor: node.anchor } : {};

function entriesOf(map: Readonly<Record<string, unknown>>, size: number): FileContent {
  const values = new Map<string, SecretValue | SecretError>();
  const json = new JsonText(LEAST_ROOM + MOST_EXPANSION * size);
  for (const [name, value] of Object.entries(map)) {
    try {
      const entry = value instanceof NumberText ? value.text : memberValue(json.of(value));
      if (entry !== undefined) values.set(name, entry);
    } catch (error) {
      if (!(error instanceof SecretConfigurationError)) throw error;
      values.set(name, error.located({ secretName: name, sourceKind: FILE }));
    }
  }
  return values;
}

/** What a YAML file holds, as JSON. */
class JsonText {
  constructor(private room: number) {}

  /** Throws SecretConfigurationError for a value that is none, RangeError where there is no room left. */
  of(value: unknown, depth = 0): string {
    if (depth > MAX_DEPTH) throw new SecretConfigurationError(`its value is nested deeper than ${MAX_DEPTH} levels.`);
    if (value instanceof Tagged) throw hasForeignTag();
    if (Array.isArray(value)) return this.#take(`[${value.map((item) => this.of(item, depth + 1)).join()}]`);
    if (value instanceof NumberText) return this.#take(jsonNumber(value.text));
    if (typeof value !== 'object' || value === null) return this.#take(JSON.stringify(value ?? null));
    const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${this.of(item, depth + 1)}`);
    return this.#take(`{${members.join()}}`);
  }

  #take(text: string): string {
    this.room -= text.length;
    if (this.room < 0) throw new RangeError('no room');
    return text;
  }
}

/** `.5`, `+5`, `0x1F` and `0o17` are numbers that JSON spells otherwise. */
function jsonNumber(text: string): string {
  if (JSON_NUMBER.test(text)) return text;
  const number = Number(text);
  if (Number.isFinite(number)) return /^0[xo]/.test(text) ? BigInt(text).toString() : String(number);
  throw new SecretConfigurationError('its value holds a number that JSON has not.');
}

const hasForeignTag = (): SecretConfigurationError =>
  new SecretConfigurationError('its value has a tag that says it is not what stands there (as "!vault" does).', {
    advice: 'Write the value without a tag.',
  });
