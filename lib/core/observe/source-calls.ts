import { answerFrom } from '../cache/answer.js';
import type { Clock } from '../clock.js';
import { isSecretError, type SecretError, type SecretErrorCode } from '../errors/index.js';
import { isOfItsOwn, isTransient } from '../errors/transient.js';
import type { Observations } from './observations.js';
import type { WorkScope } from './observed-work.js';
import type { CallOutcome, FailedNames, SourceOperation } from './observer.js';

/** What a source is asked: what stands in errors, and what is told of the call. Never a value. */
export interface AskedCall {
  readonly operation: SourceOperation;
  /** What was tried, for the texts of errors. */
  readonly what: string;
  /** Absent where it is not asked by names. */
  readonly names?: readonly string[];
  /** Those who wait for it, as observers know them; absent where it is done for whoever is calling now. */
  readonly callers?: readonly unknown[];
}

/** How a source has answered of late. */
export interface SourceCallStatus {
  /** The last call that it answered, for good or bad. */
  readonly lastAnswerAt?: Date;
  /** Milliseconds that this call took. */
  readonly lastDurationMs?: number;
  /** Milliseconds: a moving average of what answered calls took. */
  readonly latencyMs?: number;
  /** The last call that failed because of the source: it was out of reach, asked too often, or its login failed. */
  readonly lastFailure?: { readonly at: Date; readonly code: SecretErrorCode };
  /** Such calls since the last answer. */
  readonly consecutiveFailures: number;
}

export interface SourceCallsOptions {
  readonly connection: string;
  readonly sourceKind: string;
  readonly clock: Clock;
  readonly observations: Observations;
}

/** A call under way: one of these is called, once, when it is over. */
export interface CallUnderWay {
  /** Asks the source, within what observers put around it. */
  run<T>(work: () => T): T;
  answered(result: unknown): void;
  failed(error: SecretError): void;
  interrupted(): void;
}

/** How much the newest call counts in the moving average. */
const NEWEST = 0.2;

/** Hears of each call of a source: keeps how the source answers, and tells who observes. */
export class SourceCalls {
  #answer: { readonly at: number; readonly duration: number } | undefined;
  #latency: number | undefined;
  #failure: { readonly at: number; readonly code: SecretErrorCode } | undefined;
  #failures = 0;

  constructor(private readonly options: SourceCallsOptions) {}

  get status(): SourceCallStatus {
    const [answer, failure, latencyMs] = [this.#answer, this.#failure, this.#latency];
    return {
      ...(answer && { lastAnswerAt: new Date(answer.at), lastDurationMs: answer.duration }),
      ...(latencyMs !== undefined && { latencyMs }),
      ...(failure && { lastFailure: { at: new Date(failure.at), code: failure.code } }),
      consecutiveFailures: this.#failures,
    };
  }

  begin(asked: AskedCall): CallUnderWay {
    const { clock } = this.options;
    const [begunAt, startedAt] = [clock.now(), clock.wall()];
    const scope = this.#scopeOf(asked);
    const over = (outcome: CallOutcome, result?: unknown): void => {
      scope?.over(outcome);
      this.#tell(asked, outcome, startedAt, clock.now() - begunAt, result);
    };
    return {
      run: (work) => (scope ? scope.run(work) : work()),
      answered: (result) => {
        const code = outageOf(result, asked);
        if (code === undefined) this.#answered(clock.now() - begunAt);
        else this.#failed(code);
        over(code ?? 'ok', result);
      },
      failed: (error) => {
        const { code } = error;
        if (isTransient(error)) this.#failed(code);
        else if (code !== 'SECRET_CONFIGURATION') this.#answered(clock.now() - begunAt); // else it may not have been asked
        over(code);
      },
      interrupted: () => over('interrupted'),
    };
  }

  #scopeOf({ operation, names, callers }: AskedCall): WorkScope | undefined {
    const { connection, sourceKind: source, observations } = this.options;
    return observations.begin(() => ({ kind: 'call', connection, source, operation, names, callers }));
  }

  #answered(duration: number): void {
    this.#answer = { at: this.options.clock.wall(), duration };
    this.#latency = this.#latency === undefined ? duration : this.#latency + NEWEST * (duration - this.#latency);
    this.#failures = 0;
  }

  #failed(code: SecretErrorCode): void {
    this.#failure = { at: this.options.clock.wall(), code };
    this.#failures += 1;
  }

  #tell(asked: AskedCall, outcome: CallOutcome, startedAt: number, durationMs: number, result: unknown): void {
    const { connection, sourceKind: source, observations } = this.options;
    observations.tell('sourceCalled', () => {
      const failed = isResults(result) ? failedOf(result, asked) : undefined;
      return {
        connection,
        source,
        operation: asked.operation,
        names: asked.names?.length ?? sizeOf(result),
        outcome,
        ...(failed && { failed }),
        startedAt: new Date(startedAt),
        durationMs,
      };
    });
  }
}

type Results = ReadonlyMap<unknown, unknown>;

const isResults = (result: unknown): result is Results => result instanceof Map;

const sizeOf = (result: unknown): number =>
  isResults(result) ? result.size : Array.isArray(result) ? result.length : 0;

/** The code of an answer in which nothing came, because of the source: some ask for each name by itself. Ends at the first name that got an answer. */
function outageOf(result: unknown, { names }: AskedCall): SecretErrorCode | undefined {
  if (!isResults(result) || (names && result.size < names.length)) return undefined;
  try {
    let code: SecretErrorCode | undefined;
    for (const given of result.values()) {
      if (!isSecretError(given) || !isTransient(given) || isOfItsOwn(given)) return undefined;
      code ??= given.code;
    }
    return code;
  } catch {
    return undefined; // what throws when it is looked at is some name's fault
  }
}

function failedOf(results: Results, { names }: AskedCall): FailedNames | undefined {
  const counts: Partial<Record<SecretErrorCode, number>> = {};
  for (const name of names ?? results.keys()) {
    const answer = answerFrom(() => results.get(name), undefined);
    if (answer.kind !== 'value') counts[answer.error.code] = (counts[answer.error.code] ?? 0) + 1;
  }
  return Object.keys(counts).length > 0 ? counts : undefined;
}
