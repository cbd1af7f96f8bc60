import { toMilliseconds } from '../duration.js';
import type { Duration } from '../duration.js';
import type { SecretErrorDetails } from '../errors/index.js';
import { SecretConfigurationError } from '../errors/index.js';
import { warnByProcess } from '../process-warning.js';
import { didYouMean, nearNames } from './near-names.js';
import type { OptionKind, OptionKinds } from './option-kinds.js';
import { NeededOption, OptionGroup } from './option-kinds.js';

type Kinds = Readonly<Record<string, OptionKind>>;
type Given = Readonly<Record<string, unknown>>;

/** What differs from function to function in how options are looked at. */
export interface OptionRules {
  /** Where these options stand within others, e.g. `perSecret.NAME`. */
  readonly within?: string | undefined;
  /** What to say of names that are options elsewhere. */
  readonly hints?: Readonly<Record<string, string>> | undefined;
  /** Told of what is probably not meant. @default process.emitWarning, once */
  readonly warn?: ((message: string) => void) | undefined;
  readonly details?: SecretErrorDetails | undefined;
}

/** In place of a group that was not given: `{}` would have what a polluted prototype has. */
export const NOTHING: Readonly<Record<never, never>> = Object.freeze(Object.create(null) as object);

/**
 * The options that a function was given, as it may use them: a copy with all that there are as own properties, undefined where not given, so that
 * nothing comes from a prototype. Foreign objects in them are handed on as they are.
 * Throws SecretConfigurationError, without any value, for an option that there is not, one of another kind, and one that is needed and not there.
 * @param taker the function, as its caller knows it.
 */
export function ownOptions<T extends object>(
  given: T | undefined,
  kinds: OptionKinds<T>,
  taker: string,
  rules: OptionRules = {},
): T {
  const { absent, needs } = shapeOf(kinds);
  if (given === undefined && needs.length === 0) return { ...absent } as T; // as most decorators are called
  return new OptionCheck(kinds, taker, rules).own(given) as T;
}

/** Said once of each option: some are made again with each call, and computed. */
const said = new Set<string>();
const warnOnce = (option: string, message: string): void => {
  if (!said.has(option)) warnByProcess(message);
  said.add(option);
};

const WORDS = {
  boolean: 'true or false',
  function: 'a function',
  number: 'a number',
  text: 'text',
  texts: 'a list of texts',
} as const;

const fits = (value: unknown, kind: keyof typeof WORDS): boolean => {
  if (kind === 'text') return typeof value === 'string';
  if (kind === 'texts') return Array.isArray(value) && value.every((item) => typeof item === 'string');
  return kind === 'number' ? typeof value === 'number' && !Number.isNaN(value) : typeof value === kind;
};

interface Shape {
  /** All options there are, none of them given. */
  readonly absent: Given;
  readonly needs: readonly string[];
}

/** Made once of each list: some functions are called for each secret. */
const shapes = new WeakMap<Kinds, Shape>();

function shapeOf(kinds: Kinds): Shape {
  const known = shapes.get(kinds);
  if (known) return known;
  const names = Object.keys(kinds);
  const absent = Object.fromEntries(names.map((name) => [name, undefined]));
  const shape = { absent, needs: names.filter((name) => kinds[name] instanceof NeededOption) };
  shapes.set(kinds, shape);
  return shape;
}

const within = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`);

class OptionCheck {
  constructor(
    private readonly kinds: Kinds,
    private readonly taker: string,
    private readonly rules: OptionRules,
  ) {}

  own(given: unknown): Given {
    return this.#group(given, this.kinds, this.rules.within ?? '');
  }

  #group(given: unknown, kinds: Kinds, path: string): Given {
    const { absent, needs } = shapeOf(kinds);
    // Own properties, to be set below: a polluted prototype has no effect.
    const own: Record<string, unknown> = { ...absent };
    if (given !== undefined) this.#fill(own, given, kinds, path);
    this.#checkNeeds(needs, own, path);
    return own;
  }

  #fill(own: Record<string, unknown>, given: unknown, kinds: Kinds, path: string): void {
    this.#checkBag(given, kinds, path);
    for (const name of Object.getOwnPropertyNames(given)) {
      const value = given[name];
      if (value === undefined) continue;
      if (!Object.hasOwn(kinds, name)) throw this.#unknown(name, kinds, path);
      own[name] = this.#value(value, kinds[name]!, within(path, name));
    }
    if (isPlain(given)) return;
    // Of a class, or of an object made from another: it would be passed over in silence.
    for (const name of Object.keys(kinds)) {
      if (Object.hasOwn(given, name) || !(name in given) || name in Object.prototype) continue;
      const option = `Option "${within(path, name)}" of ${this.taker}`;
      throw this.#refused(`${option} is inherited: it counts only as an own property.`);
    }
  }

  #checkNeeds(needs: readonly string[], own: Given, path: string): void {
    const absent = needs.find((name) => own[name] === undefined);
    if (absent !== undefined) throw this.#refused(`${this.taker} needs the option "${within(path, absent)}".`);
  }

  #value(value: unknown, kind: OptionKind, path: string): unknown {
    if (kind instanceof NeededOption) return this.#value(value, kind.kind as OptionKind, path);
    if (value === undefined || kind === 'any') return value;
    if (kind instanceof OptionGroup) {
      if (kind.orBoolean && typeof value === 'boolean') return value;
      return this.#group(value, kind.kinds, path);
    }
    if (kind === 'duration' || kind === 'duration or forever') this.#checkDuration(value, kind, path);
    else if (typeof kind === 'object') {
      if (!kind.includes(value as string)) throw this.#noneOf(path, kind, value);
    } else if (!fits(value, kind)) throw this.#wrong(path, WORDS[kind], value);
    return value;
  }

  #checkBag(given: unknown, kinds: Kinds, path: string): asserts given is Given {
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
      // A Promise, a Map or an accessor class has nothing of its own: all that it was to say would be passed over.
      if (isPlain(given) || (Object.keys(given).length > 0 && !isPromise(given))) return;
    }
    const takes = `an object with ${Object.keys(kinds).join(', ')}`;
    if (path !== '') throw this.#wrong(path, takes, given);
    throw this.#refused(`${this.taker} takes ${takes}${instead(given)}.`);
  }

  #checkDuration(value: unknown, kind: 'duration' | 'duration or forever', path: string): void {
    if (kind === 'duration or forever' && value === 'forever') return;
    toMilliseconds(value as Duration, path, this.taker);
    if (typeof value !== 'number' || value === 0 || value >= 1000) return;
    const { warn = (message) => warnOnce(`${this.taker} ${path}`, message) } = this.rules;
    warn(
      `option "${path}" of ${this.taker} is the number ${value}, and so ${value} ms. Text tells its unit: "${value}m", "${value}s", or "${value}ms" where that is meant.`,
    );
  }

  #unknown(name: string, kinds: Kinds, path: string): SecretConfigurationError {
    const written = JSON.stringify((path === '' ? name : `${path}.${name}`).slice(0, 200));
    const { hints = {} } = this.rules;
    const says = `${this.taker} has no option ${written}.`;
    if (path === '' && Object.hasOwn(hints, name)) return this.#refused(`${says} ${hints[name]}`);
    const near = nearNames(name, Object.keys(kinds)).map((known) => (path === '' ? known : `${path}.${known}`));
    const meant = near.length > 0 ? near : placesOf(name, this.kinds);
    return this.#refused(says + (didYouMean(meant) || ` It takes ${Object.keys(kinds).join(', ')}.`));
  }

  #wrong(path: string, expected: string, value: unknown): SecretConfigurationError {
    return this.#refused(`Option "${path}" of ${this.taker} is ${expected}${instead(value)}.`);
  }

  #noneOf(path: string, known: readonly (string | number)[], value: unknown): SecretConfigurationError {
    const expected = `one of ${known.map((one) => JSON.stringify(one)).join(', ')}`;
    const texts = known.filter((one) => typeof one === 'string');
    if (typeof value !== 'string' || texts.length === 0) return this.#wrong(path, expected, value);
    const meant = didYouMean(nearNames(value, texts));
    return this.#refused(`Option "${path}" of ${this.taker} is ${expected}.${meant}`);
  }

  #refused(reason: string): SecretConfigurationError {
    return new SecretConfigurationError(reason, this.rules.details);
  }
}

/** Where else, within other options or beside them, there is one of this name. */
function placesOf(name: string, kinds: Kinds, path = ''): string[] {
  return Object.entries(kinds).flatMap(([known, kind]) => {
    const here = known.toLowerCase() === name.toLowerCase() ? [path + known] : [];
    return kind instanceof OptionGroup ? [...here, ...placesOf(name, kind.kinds, `${path}${known}.`)] : here;
  });
}

/** What it was, as far as that helps, and never the value. */
function instead(value: unknown): string {
  if (value === null) return ', not null';
  if (Array.isArray(value)) return ', not a list';
  if (isPromise(value)) return ', not a Promise: await it first';
  return typeof value === 'object' ? '' : `, not ${typeof value === 'string' ? 'text' : `a ${typeof value}`}`;
}

const isPromise = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';

/** An object literal, of this realm or another. */
export function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf');
}
