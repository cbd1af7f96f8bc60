import { backoffDelay } from '../../core/backoff.js';
import type { AskedSource } from '../contents/asked-source.js';
import type { Clock } from '../../core/clock.js';
import { systemClock } from '../../core/clock.js';
import type { SecretError } from '../../core/errors/index.js';
import { isSecretError, SecretSourceUnavailableError } from '../../core/errors/index.js';
import { askedPause } from '../../core/errors/transient.js';
import { eachRequest } from '../../core/source/each-name.js';
import type { HeldValue } from '../contents/held-secrets.js';
import { heldUnder } from '../contents/held-secrets.js';
import type { CopyStep } from './copy-plan.js';

/** What became of one step. */
export type CopyResult =
  | Exclude<CopyStep, { kind: 'create' | 'overwrite' }>
  | { readonly kind: 'created' | 'overwritten'; readonly from: string; readonly to: string };

/** Writes under way at a time: a source paces its own requests. */
const AT_A_TIME = 4;
/** Attempts of a write that is throttled, or that got no answer: what is written twice is there once. */
const ATTEMPTS = 5;
/** Milliseconds. */
const AGAIN = { base: 1_000, factor: 2, max: 10_000 };
/** Milliseconds before what was written is looked for once more: some stores answer a moment behind. */
const SETTLING = [0, 500, 1_500, 4_000];

type Writing = Extract<CopyStep, { kind: 'create' | 'overwrite' }>;

export interface AppliedCopyOptions {
  readonly clock?: Pick<Clock, 'sleep'>;
  /** Told of each secret that is written, or is not. */
  readonly progress?: (result: CopyResult) => void;
}

/** Carries a plan out: what fails is that secret's failure, and all that was written is read back and compared. In the plan's order. */
export async function appliedCopy(
  steps: readonly CopyStep[],
  target: AskedSource,
  { clock = systemClock, progress = () => undefined }: AppliedCopyOptions = {},
): Promise<readonly CopyResult[]> {
  const failures = new Map<string, SecretError>();
  const writings = steps.filter(isWriting);
  // Where the target is away, or refuses us, the rest is not tried.
  await eachRequest(
    writings,
    AT_A_TIME,
    { signal: new AbortController().signal },
    (step) => written(step, target, clock),
    ({ to }, error) => failures.set(to, error.located({ secretName: to })),
  );
  await readBack(
    writings.filter(({ to }) => !failures.has(to)),
    target,
    clock,
    failures,
  );
  return steps.map((step) => {
    const result = resultOf(step, failures);
    progress(result);
    return result;
  });
}

const isWriting = (step: CopyStep): step is Writing => step.kind === 'create' || step.kind === 'overwrite';

function resultOf(step: CopyStep, failures: ReadonlyMap<string, SecretError>): CopyResult {
  if (!isWriting(step)) return step;
  const { kind, from, to } = step;
  const error = failures.get(to);
  if (error) return { kind: 'failed', from, to, error };
  return { kind: kind === 'create' ? 'created' : 'overwritten', from, to };
}

async function written({ to, held }: Writing, target: AskedSource, clock: Pick<Clock, 'sleep'>): Promise<void> {
  const { source } = target;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await target.run('write', (context) => source.write!(to, held.value, { ...context, create: true }));
    } catch (error) {
      const pause = isSecretError(error) ? pauseAfter(error, attempt) : undefined;
      if (pause === undefined) throw error;
      await clock.sleep(pause);
    }
  }
}

function pauseAfter(error: SecretError, attempt: number): number | undefined {
  const isPassing = error.code === 'SECRET_THROTTLED' || error.code === 'SECRET_SOURCE_UNAVAILABLE';
  if (!isPassing || attempt >= ATTEMPTS) return undefined;
  return Math.max(askedPause(error) ?? 0, backoffDelay(attempt, AGAIN));
}

/** What differs is looked at again for some seconds, and then is a failure: the target keeps it in another shape, or somebody else writes too. */
async function readBack(
  writings: readonly Writing[],
  target: AskedSource,
  clock: Pick<Clock, 'sleep'>,
  failures: Map<string, SecretError>,
): Promise<void> {
  let left = writings;
  for (const [round, pause] of SETTLING.entries()) {
    if (left.length === 0) return;
    if (pause > 0) await clock.sleep(pause);
    const errors = await unlike(left, target);
    left = left.filter(({ to }) => errors.has(to));
    if (round === SETTLING.length - 1) for (const [name, error] of errors) failures.set(name, error);
  }
}

async function unlike(writings: readonly Writing[], target: AskedSource): Promise<ReadonlyMap<string, SecretError>> {
  const errors = new Map<string, SecretError>();
  try {
    const held = await heldUnder(
      target,
      writings.map(({ to }) => to),
    );
    for (const { to, held: wanted } of writings) {
      const there = held.get(to);
      if (there?.kind === 'failed') errors.set(to, there.error);
      else if (there?.kind !== 'value') errors.set(to, notRead(target, to));
      else if (!wanted.isSameAs(there.held)) errors.set(to, another(target, to, wanted));
    }
  } catch (error) {
    for (const { to } of writings) errors.set(to, target.translate(error, 'read', to));
  }
  return errors;
}

const notRead = ({ source }: AskedSource, secretName: string): SecretError =>
  new SecretSourceUnavailableError('it was written, and is not there when it is read.', {
    secretName,
    sourceKind: source.kind,
    advice: 'Look at the target, and copy again: what is the same by then is left.',
  });

const another = ({ source }: AskedSource, secretName: string, { value }: HeldValue): SecretError =>
  new SecretSourceUnavailableError('it was written, and reads back as another value.', {
    secretName,
    sourceKind: source.kind,
    advice:
      typeof value === 'string'
        ? 'Somebody else may write it too: copy again.'
        : 'The target may keep objects in another shape (a Secret of Kubernetes holds texts only); or somebody else writes it too.',
  });
