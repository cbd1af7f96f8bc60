import { printable } from '../../core/errors/index.js';
import { withTypedOptions } from '../source/typed-options.js';
import type { CopyStep } from './copy-plan.js';
import type { CopyResult } from './applied-copy.js';

type Kind = CopyStep['kind'] | CopyResult['kind'];

const WORDS: Readonly<Record<Kind, string>> = {
  create: 'create',
  overwrite: 'overwrite',
  created: 'created',
  overwritten: 'overwritten',
  same: 'same',
  left: 'left (another value)',
  dynamic: 'not opened (dynamic)',
  refused: 'refused',
  failed: 'failed',
};

/** A line a secret; what is the same already is counted only. */
export function copyText(steps: readonly (CopyStep | CopyResult)[]): string {
  return steps
    .filter(({ kind }) => kind !== 'same')
    .map((step) => {
      const { kind, from, to } = step;
      const names = to === from || to === '' ? from : `${from} -> ${to}`;
      const why =
        step.kind === 'failed' || step.kind === 'refused' ? `: ${printable(withTypedOptions(step.error.message))}` : '';
      return `${WORDS[kind].padEnd(20)}  ${printable(names)}${why}\n`;
    })
    .join('');
}

export function copySummary(steps: readonly (CopyStep | CopyResult)[]): string {
  const counts = (Object.keys(WORDS) as Kind[])
    .map((kind) => [kind, steps.filter((step) => step.kind === kind).length] as const)
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => `${count} ${WORDS[kind]}`);
  return counts.length === 0 ? 'there is nothing to copy' : counts.join(', ');
}

/** The same for programs. */
export const copyJson = (steps: readonly (CopyStep | CopyResult)[]): readonly object[] =>
  steps.map((step) => {
    const { kind, from, to } = step;
    const error = step.kind === 'failed' || step.kind === 'refused' ? step.error : undefined;
    return {
      from,
      to,
      outcome: kind,
      ...(error && { error: { code: error.code, message: withTypedOptions(error.message) } }),
    };
  });
