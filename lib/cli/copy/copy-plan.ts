import type { SecretError } from '../../core/errors/index.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { SecretSource } from '../../core/source/secret-source.js';
import type { Contents, HeldValue } from '../contents/held-secrets.js';
import type { NameMapping } from '../contents/name-mapping.js';

/** What becomes of one secret. */
export type CopyStep =
  | { readonly kind: 'create' | 'overwrite'; readonly from: string; readonly to: string; readonly held: HeldValue }
  /** The target holds that value already. */
  | { readonly kind: 'same'; readonly from: string; readonly to: string }
  /** The target holds another value, and nobody said that it may be replaced. */
  | { readonly kind: 'left'; readonly from: string; readonly to: string }
  /** Here or there it is dynamic: a copy of what expires is of no use, and opening it would issue credentials. */
  | { readonly kind: 'dynamic'; readonly from: string; readonly to: string }
  /** The target can hold none of this name, or two would have it. */
  | { readonly kind: 'refused'; readonly from: string; readonly to: string; readonly error: SecretError }
  /** It could not be read, here or there. */
  | { readonly kind: 'failed'; readonly from: string; readonly to: string; readonly error: SecretError };

export interface CopyPlanParts {
  readonly from: Contents;
  /** Under the names at the target. */
  readonly at: Contents;
  readonly target: Pick<SecretSource, 'kind' | 'newNameRefusal'>;
  readonly mapping: NameMapping;
  readonly overwrite: boolean;
}

/** What copying would do, by the names at the first source, in their order. Writes nothing. */
export function copyPlan({ from, at, target, mapping, overwrite }: CopyPlanParts): readonly CopyStep[] {
  const owners = ownersOf(from, mapping);
  const steps = [...from].map(([name, held]): CopyStep => {
    const to = mapping.to(name);
    if (to === undefined) return { kind: 'refused', from: name, to: '', error: nothingLeft(name) };
    const names = { from: name, to };
    const others = owners.get(to)!.filter((other) => other !== name);
    if (others.length > 0) return { kind: 'refused', ...names, error: collision(name, others[0]!, to) };
    if (held.kind === 'failed') return { kind: 'failed', ...names, error: held.error };
    if (held.kind === 'dynamic') return { kind: 'dynamic', ...names };
    const there = at.get(to);
    if (there?.kind === 'dynamic') return { kind: 'dynamic', ...names };
    if (there?.kind === 'failed') {
      const isName = there.error.code === 'SECRET_CONFIGURATION';
      return { kind: isName ? 'refused' : 'failed', ...names, error: there.error };
    }
    if (there) {
      if (there.held.isSameAs(held.held)) return { kind: 'same', ...names };
      return overwrite ? { kind: 'overwrite', ...names, held: held.held } : { kind: 'left', ...names };
    }
    const error = target.newNameRefusal?.(to);
    return error ? { kind: 'refused', ...names, error } : { kind: 'create', ...names, held: held.held };
  });
  return steps.sort((one, other) => (one.from < other.from ? -1 : one.from > other.from ? 1 : 0));
}

/** Names at the target, for those that are to be copied. */
export function targetNames(from: Contents, mapping: NameMapping): readonly string[] {
  const wanted = [...from].flatMap(([name, held]) => (held.kind === 'value' ? (mapping.to(name) ?? []) : []));
  return [...new Set(wanted)];
}

function ownersOf(from: Contents, mapping: NameMapping): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>();
  for (const name of from.keys()) {
    const to = mapping.to(name);
    if (to !== undefined) owners.set(to, [...(owners.get(to) ?? []), name]);
  }
  return owners;
}

const nothingLeft = (secretName: string): SecretError =>
  new SecretConfigurationError('nothing is left of its name.', { secretName, advice: 'Strip less, or rename it.' });

const collision = (secretName: string, other: string, to: string): SecretError =>
  new SecretConfigurationError(`"${other}" would have the name "${to}" too.`, { secretName, advice: 'Rename one.' });
