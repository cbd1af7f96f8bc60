import { closedAt, maskedText } from './masked-text.js';

/** What is to be in a root module: `imports: [name]`, with `name` imported from `from`. */
export interface ImportedModule {
  readonly name: string;
  readonly from: string;
}

/** How a root module takes one more member in its `imports`. */
export type RootModuleEdit =
  | { readonly kind: 'changed'; readonly text: string }
  /** It has the member, or names HcpVaultModule itself. */
  | { readonly kind: 'present' | 'foreign' }
  /** It is not of a form that can be changed for sure. */
  | { readonly kind: 'unclear' };

/** @param className of the module; a file may hold several. */
export function withImportedModule(text: string, className: string, { name, from }: ImportedModule): RootModuleEdit {
  const masked = maskedText(text);
  const metadata = masked && metadataOf(masked, className);
  if (!metadata) return { kind: 'unclear' };
  if (/\bHcpVaultModule\b/.test(masked)) return { kind: 'foreign' };
  const word = new RegExp(`\\b${name}\\b`);
  if (word.test(masked)) {
    const { list } = metadata;
    return { kind: list && word.test(masked.slice(list.from, list.to)) ? 'present' : 'unclear' };
  }
  const line = importAdded(text, masked, name, from);
  if (!line) return { kind: 'unclear' };
  // The later place first, so that the earlier one stays where it is.
  const added = [memberAdded(text, masked, metadata, name), line].sort((one, other) => other.at - one.at);
  const changed = added.reduce((before, { at, text: piece }) => before.slice(0, at) + piece + before.slice(at), text);
  return { kind: 'changed', text: changed };
}

interface Piece {
  readonly at: number;
  readonly text: string;
}
interface Range {
  readonly from: number;
  readonly to: number;
}
/** Places between brackets: the object that `@Module` takes, and the list of its `imports`. */
interface Metadata {
  readonly object: Range;
  readonly list?: Range;
}

/** What the decorator of the class holds; undefined where that is not plain: no literal, spread, or a list that is made elsewhere. */
function metadataOf(masked: string, className: string): Metadata | undefined {
  const decorated = [...masked.matchAll(/@Module\s*\(\s*\{/g)].filter(({ index, 0: { length } }) => {
    const end = closedAt(masked, masked.indexOf('(', index));
    const declared = /^\)\s*(?:@[\w.]+\s*(?:\([^()]*\))?\s*)*(?:export\s+)?(?:default\s+)?class\s+(\w+)/.exec(
      masked.slice(end),
    );
    return declared?.[1] === className && closedAt(masked, index + length - 1) < end;
  });
  if (decorated.length !== 1) return undefined;
  const [
    {
      index,
      0: { length },
    },
  ] = decorated as [RegExpExecArray];
  const start = index + length - 1;
  const object = { from: start + 1, to: closedAt(masked, start) };
  const keys = topLevelOf(masked, object);
  // A spread, a key in quotes or in brackets, an accessor: each may be the `imports`.
  if (keys.split(',').some((part) => part.trim() !== '' && !/^\s*\w+\s*(:|$)/.test(part))) return undefined;
  const places = [...keys.matchAll(/(?:^|,)\s*imports\b\s*(:?)\s*(\[?)/g)];
  if (places.length === 0) return { object };
  const [place] = places as [RegExpExecArray];
  if (places.length > 1 || !place[1] || !place[2]) return undefined;
  const bracket = object.from + place.index + place[0].length - 1;
  return { object, list: { from: bracket + 1, to: closedAt(masked, bracket) } };
}

/** The text between brackets with what stands within further ones blanked. */
function topLevelOf(masked: string, { from, to }: Range): string {
  let top = '';
  for (let at = from; at < to; at++) {
    top += masked[at];
    if (!'([{'.includes(masked[at]!)) continue;
    const end = closedAt(masked, at);
    top += ' '.repeat(end - at - 1) + masked[end];
    at = end;
  }
  return top;
}

function memberAdded(text: string, masked: string, { object, list }: Metadata, name: string): Piece {
  const place = list ?? object;
  // Comments are blank in the mask: the text decides whether something is there.
  const inside = text.slice(place.from, place.to);
  const written = list ? name : `imports: [${name}]`;
  const ownLine = /^[ \t]*(\r?\n[ \t]*)\S/;
  const [, lineBreak] = ownLine.exec(inside) ?? ownLine.exec(masked.slice(place.from, place.to)) ?? [];
  if (lineBreak !== undefined) return { at: place.from, text: `${lineBreak}${written},` };
  if (inside.trim() !== '') {
    const space = /^\s/.test(inside) ? '' : ' ';
    return { at: place.from, text: list ? `${written},${space}` : ` ${written},` };
  }
  return { at: place.from, text: list ? written : ` ${written} ` };
}

/** After the last import, in the same quotes, with the same end. */
function importAdded(text: string, masked: string, name: string, from: string): Piece | undefined {
  const statements = [
    ...masked.matchAll(/^import\b[^'"(;]*(['"]) *\1[^\S\n]*(?:with\s*\{[^}]*\})?[^\S\n]*(;?)[^\S\n]*$/gm),
  ];
  const [last] = statements.slice(-1);
  if (!last || statements.length !== (masked.match(/^import\b(?!\s*\()/gm) ?? []).length) return undefined;
  const [whole, quote, end] = last;
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  const at = last.index + whole.trimEnd().length;
  // A comment behind the import stays behind it.
  const lineEnd = text.indexOf('\n', at);
  const place = lineEnd === -1 ? text.length : lineEnd - (text[lineEnd - 1] === '\r' ? 1 : 0);
  return { at: place, text: `${lineBreak}import { ${name} } from ${quote}${from}${quote}${end}` };
}
