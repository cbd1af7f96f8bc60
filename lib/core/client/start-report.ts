import type { SecretError, SecretErrorCode } from '../errors/index.js';
import { SecretBootstrapError } from '../errors/index.js';
import { printable } from '../errors/printable.js';
import { ERRORS_PAGE } from '../errors/secret.error.js';
import { listOfNames } from '../name-lists.js';
import { nearNames, SearchEffort } from '../options/near-names.js';
import { placesOf, sourcesText } from '../source/places.js';
import type { SecretPlace, SecretSource } from '../source/secret-source.js';
import type { SecretConsumer } from './requirement.js';

/** A secret that the start asks for, in one version. */
interface Asked {
  readonly name: string;
  readonly requested: string | undefined;
}

interface Entry {
  /** Undefined for the listing of all. */
  readonly asked: Asked | undefined;
  /** Of one kind; several where several fields are missing. */
  readonly errors: Map<string, SecretError>;
  readonly consumers: Set<string>;
}

/** What stands in the heads of those whose reasons differ. */
const KINDS: Partial<Record<SecretErrorCode, string>> = {
  SECRET_NOT_FOUND: 'not found',
  SECRET_FIELD: 'there, but without these fields',
  SECRET_ACCESS_DENIED: 'access denied',
  SECRET_AUTHENTICATION: 'our credentials are refused',
  SECRET_SOURCE_UNAVAILABLE: 'unavailable',
  SECRET_THROTTLED: 'throttled',
  SECRET_VALIDATION: 'values that are refused',
};

/** What is wrong with one secret: its reason stands with its name, also where it is the only one. */
const OF_ONE: ReadonlySet<SecretErrorCode> = new Set(['SECRET_FIELD', 'SECRET_ACCESS_DENIED', 'SECRET_VALIDATION']);

const MOST_CONSUMERS = 4;
/** Names that are looked through for those near one: more would hold up the end of the start. */
const MOST_KNOWN = 5_000;

/**
 * What a start lacks, for one text: two lines a secret (its name, as the backend was asked for it, who asks, what there is in its stead), and one head for
 * all that lack the same thing at the same place, with what to do about it. Loaded by a start that fails.
 */
export class StartReport {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly source: Pick<SecretSource, 'kind' | 'describe'>,
    private readonly connection: string,
  ) {}

  /** Whether a name is missing for which another one may have been meant. */
  get lacksNames(): boolean {
    return [...this.#entries.values()].some(({ asked, errors }) => asked && codeOf(errors) === 'SECRET_NOT_FOUND');
  }

  /** @param of the secret, where the error does not name it; of neither it is the listing of all that failed. */
  add(error: SecretError, of?: Asked, consumer?: SecretConsumer): void {
    const located = error.located({ connection: this.connection, sourceKind: this.source.kind });
    const name = of?.name ?? located.secretName;
    const asked = name === undefined ? undefined : { name, requested: of?.requested };
    const key = JSON.stringify([name, asked?.requested, located.code]);
    const entry = this.#entries.get(key) ?? { asked, errors: new Map(), consumers: new Set() };
    this.#entries.set(key, entry);
    entry.errors.set(located.message, located);
    if (consumer) entry.consumers.add(consumerText(consumer));
  }

  /** @param known names that the source has, where it could tell. */
  toError(known: readonly string[]): SecretBootstrapError {
    const groups = new Map<string, { entry: Entry; places: readonly SecretPlace[] }[]>();
    for (const entry of this.#entries.values()) {
      const places = this.#placesOf(entry);
      const [first] = entry.errors.values();
      const key = JSON.stringify([first!.code, first!.advice, sourcesText(places)]);
      const group = groups.get(key);
      if (group) group.push({ entry, places });
      else groups.set(key, [{ entry, places }]);
    }
    const near = new NearSearch(known);
    const lines = [...groups.values()].flatMap((group) => groupLines(group, near));
    const errors = [...this.#entries.values()].flatMap((entry) => [...entry.errors.values()]);
    // Where they were made tells nobody anything, and loggers that follow `errors` would print it of each.
    // A source may have frozen its own.
    for (const error of errors) Reflect.defineProperty(error, 'stack', { value: undefined, enumerable: false });
    const count = this.#entries.size;
    const head = `${count} required ${count === 1 ? 'secret is' : 'secrets are'} not usable:`;
    const codes = new Set(errors.map(({ code }) => `#${code.toLowerCase()}`));
    const help = ` What to do: ${ERRORS_PAGE}${[...codes].join(', ')}`;
    return new SecretBootstrapError([head, ...lines, help].join('\n'), { connection: this.connection, errors });
  }

  /** Where it was looked for; of several sources, where one of them failed, that one. */
  #placesOf({ asked, errors }: Entry): readonly SecretPlace[] {
    const [first] = errors.values();
    const source = first?.sourceKind ?? this.source.kind;
    const places = placesOf(this.source, asked?.name ?? '');
    const own = places.filter((place) => place.source === source);
    return own.length > 0 ? own : places;
  }
}

function groupLines(
  group: readonly { readonly entry: Entry; readonly places: readonly SecretPlace[] }[],
  near: NearSearch,
): string[] {
  const [{ entry: first, places }] = group as [(typeof group)[number]];
  const reasons = group.map(({ entry }) => reasonsOf(entry));
  const [{ code, advice }] = first.errors.values() as unknown as [SecretError];
  const isShared = new Set(reasons).size === 1 && (group.length > 1 || !OF_ONE.has(code));
  const common = isShared ? reasons[0] : undefined;
  const head = common ?? `${KINDS[code] ?? 'not usable'}.`;
  // A reason that names the address or the path says it already.
  const from = places.map(({ source, name, at }) =>
    at !== undefined && head.includes(printable(at)) ? { source, name } : { source, name, at },
  );
  const lines = [` ${sourcesText(from)}: ${[head, advice].filter(Boolean).join(' ')}`];
  for (const [index, { entry, places: asked }] of group.entries()) {
    lines.push(`  - ${entryText(entry, asked, common === undefined ? reasons[index] : undefined)}`);
    const about = [consumersText(entry), code === 'SECRET_NOT_FOUND' && near.textFor(entry)].filter(Boolean);
    if (about.length > 0) lines.push(`    ${about.join('; ')}`);
  }
  return lines;
}

function entryText({ asked }: Entry, places: readonly SecretPlace[], reason: string | undefined): string {
  if (!asked) return ['all that the source lists (`preload: "all"`)', reason].filter(Boolean).join(': ');
  const { name, requested } = asked;
  const version = requested === undefined ? '' : `, version "${printable(requested)}"`;
  const names = places.map((place) => printable(place.name));
  // A reason that names what was asked for says it already.
  const isSaid = names.every((text) => text === printable(name) || reason?.includes(text));
  const as = isSaid ? '' : `, asked for as ${names.join(', then ')}`;
  return `"${printable(name)}"${version}${as}${reason === undefined ? '' : `: ${reason}`}`;
}

const consumersText = ({ consumers }: Entry): string =>
  consumers.size === 0 ? '' : `for ${listOfNames(consumers, MOST_CONSUMERS)}`;

/** What there is near the names that are missing. */
class NearSearch {
  readonly #known: readonly string[];
  readonly #byLastPart = new Map<string, string[]>();
  readonly #effort = new SearchEffort();

  constructor(known: readonly string[]) {
    this.#known = known.slice(0, MOST_KNOWN);
    for (const name of this.#known) {
      const same = this.#byLastPart.get(lastPart(name));
      if (same) same.push(name);
      else this.#byLastPart.set(lastPart(name), [name]);
    }
  }

  textFor({ asked }: Entry): string {
    if (!asked) return '';
    // The same name in another folder first: a prefix may be set twice, or not at all.
    const elsewhere = this.#byLastPart.get(lastPart(asked.name)) ?? [];
    const all = [...elsewhere.slice(0, 4), ...nearNames(asked.name, this.#known, this.#effort)];
    const near = [...new Set(all)].filter((name) => name !== asked.name).slice(0, 3);
    return near.length > 0 ? `near it there ${near.length === 1 ? 'is' : 'are'} ${listOfNames(near)}` : '';
  }
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1);

function consumerText({ kind, name, member }: SecretConsumer): string {
  if (kind === 'required') return `the option \`${name}\``;
  if (member === undefined) return `the provider ${printable(name)}`;
  return member === 'constructor' ? `${printable(name)} (constructor)` : printable(`${name}.${String(member)}`);
}

const reasonsOf = ({ errors }: Entry): string =>
  [...new Set([...errors.values()].map(({ reason }) => reason))].join(' ');

const codeOf = (errors: Entry['errors']): SecretErrorCode | undefined => [...errors.values()][0]?.code;
