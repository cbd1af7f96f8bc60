import { isBytes } from '../../core/secret/secret-value.js';
import { UsageError } from '../usage-error.js';
import { canBeAVariable, isPowerful, variableFor } from './variable-names.js';

/** A secret that a child gets: as one variable, named by hand, or by rule. */
export interface WantedSecret {
  readonly name: string;
  readonly field?: string | undefined;
  /** By hand; else the rule names it. */
  readonly variable?: string | undefined;
}

/** `DB_PASSWORD=DB#password`. @throws UsageError, without its text where that may be a value. */
export function mappedByHand(text: string): WantedSecret {
  const [, variable = '', secret = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
  if (!canBeAVariable(variable) || secret === '' || secret.startsWith('#')) {
    throw new UsageError('--env takes VARIABLE=SECRET or VARIABLE=SECRET#field, as in DB_PASSWORD=DB#password.');
  }
  const at = secret.indexOf('#');
  const [name, field] = at < 0 ? [secret] : [secret.slice(0, at), secret.slice(at + 1)];
  if (field === '') throw new UsageError(`--env ${variable}=…# names no field behind the #.`);
  return { variable, name: decoded(name, variable), field: field === undefined ? undefined : decoded(field, variable) };
}

/**
 * The variables of one secret.
 * @throws UsageError, without the value, for what can be in no variable, and for what only a hand may set.
 */
export function variablesOf({ name, field, variable }: WantedSecret, value: unknown): (readonly [string, string])[] {
  if (variable !== undefined) return [[variable, textOf(value, field === undefined ? name : `${name}#${field}`)]];
  if (typeof value !== 'object' || value === null || isBytes(value) || Array.isArray(value)) {
    return [[byRule(name), textOf(value, name)]];
  }
  return Object.entries(value).map(([key, part]) => [byRule(name, key), textOf(part, `${name}#${key}`)]);
}

/** All of them; two that meet in one variable are refused. */
export function variablesOfAll(found: readonly (readonly [WantedSecret, unknown])[]): Record<string, string> {
  const variables = new Map<string, string>();
  for (const [wanted, value] of found) {
    for (const [variable, text] of variablesOf(wanted, value)) {
      if (variables.has(variable))
        throw new UsageError(`two secrets lead to the variable ${variable}: map one with --env.`);
      variables.set(variable, text);
    }
  }
  return Object.fromEntries(variables);
}

function byRule(...parts: readonly string[]): string {
  const variable = variableFor(...parts);
  const secret = JSON.stringify(parts.join('#'));
  if (variable === '') throw new UsageError(`the secret ${secret} gives no name of a variable: map it with --env.`);
  if (!isPowerful(variable)) return variable;
  throw new UsageError(
    `the secret ${secret} would set ${variable}, which changes what a program runs or trusts: where that is meant, map it with --env.`,
  );
}

function textOf(value: unknown, secret: string): string {
  const about = `the secret ${JSON.stringify(secret)}`;
  if (isBytes(value)) throw new UsageError(`${about} is bytes, which no variable can hold.`);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  if (text.includes('\0')) throw new UsageError(`${about} holds a NUL, which no variable can.`);
  return text;
}

function decoded(text: string, variable: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new UsageError(`--env ${variable}: a percent sign in a name is %25, and # is %23.`);
  }
}
