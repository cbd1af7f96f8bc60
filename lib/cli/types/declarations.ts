import type { Contents } from '../contents/held-secrets.js';
import { withJsonParsed } from '../../core/secret/json.js';
import type { ValueType } from './value-type.js';
import { typeOf } from './value-type.js';

export interface DeclarationOptions {
  /** Of the app. @default 'default' */
  readonly connection?: string | undefined;
  /** Whether text that holds a JSON object or array is typed as that. @default false: the types say what the source gives */
  readonly json?: boolean | undefined;
}

/** A name with the text of its type, or why it has none. */
interface Declared {
  readonly name: string;
  readonly type: string;
  readonly note?: string;
}

/** The module that tells TypeScript the names and shapes of secrets. The same for the same names and shapes, whatever the values. */
export function declarationsText(contents: Contents, options: DeclarationOptions = {}): string {
  const { connection = 'default' } = options;
  const declared = [...contents]
    .map(([name, held]): Declared => {
      if (held.kind === 'value') return { name, type: textOf(shown(held.held.value, options.json), 2) };
      const isDynamic = held.kind === 'dynamic';
      return { name, type: 'unknown', note: isDynamic ? 'dynamic: its shape is known when it is opened' : 'it can’t be read here' }; // prettier-ignore
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  const isDefault = connection === 'default';
  const indent = isDefault ? '    ' : '      ';
  const lines = declared.map(({ name, type, note }) => {
    const body = isDefault ? type : type.replaceAll('\n', '\n  ');
    return `${note === undefined ? '' : `${indent}/** ${note} */\n`}${indent}${keyOf(name)}: ${body};\n`;
  });
  const inner = isDefault
    ? `  interface SecretTypes {\n${lines.join('')}  }\n`
    : `  interface ConnectionSecretTypes {\n    ${keyOf(connection)}: {\n${lines.join('')}    };\n  }\n`;
  return `${HEAD}import 'nestjs-hcp-vault';\n\ndeclare module 'nestjs-hcp-vault' {\n${inner}}\n`;
}

const HEAD = `// Written by "nestjs-hcp-vault types": names and shapes of secrets, no values. Write it again when these change.\n`;

const shown = (value: Parameters<typeof typeOf>[0], json = false): ValueType =>
  typeOf(json ? withJsonParsed(value) : value);

/** An identifier as it stands, any other name in quotes. */
const keyOf = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : quoted(name));

/** As prettier would have it: single quotes, unless there are some in it. */
function quoted(name: string): string {
  const json = JSON.stringify(name).replace(/[\u2028\u2029\u007f-\u009f]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`); // prettier-ignore
  return name.includes("'") ? json : `'${json.slice(1, -1).replaceAll('\\"', '"')}'`;
}

const PLAIN = { string: 'string', number: 'number', boolean: 'boolean', null: 'null', bytes: 'Uint8Array', unknown: 'unknown' } as const; // prettier-ignore

/** @param level of indentation of what closes it. */
function textOf(type: ValueType, level: number): string {
  if (type.kind === 'array') {
    const items = unionOf(type.items, level);
    return type.items.length === 0 ? 'unknown[]' : type.items.length > 1 ? `(${items})[]` : `${items}[]`;
  }
  if (type.kind !== 'object') return PLAIN[type.kind];
  const { fields } = type;
  if (fields.size === 0) return 'Record<string, never>';
  const indent = '  '.repeat(level + 1);
  const lines = [...fields]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(
      ([name, field]) => `${indent}${keyOf(name)}${field.isOptional ? '?' : ''}: ${unionOf(field.type, level + 1)};\n`,
    );
  return `{\n${lines.join('')}${'  '.repeat(level)}}`;
}

const unionOf = (types: readonly ValueType[], level: number): string =>
  types
    .map((type) => textOf(type, level))
    .sort()
    .join(' | ');
