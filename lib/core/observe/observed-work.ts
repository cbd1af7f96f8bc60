import type { ObservedPlace, ObservedSecret, SourceOperation } from './observer.js';

/** A call of the source that begins. */
export interface BeginningCall extends ObservedPlace {
  readonly kind: 'call';
  readonly operation: SourceOperation;
  /** Absent where it is not asked by names. */
  readonly names?: readonly string[] | undefined;
  /** What `caller` of observers gave for each who waits for it; absent where it is done for whoever is calling now. */
  readonly callers?: readonly unknown[] | undefined;
}

/** The first load of a connection. */
export interface BeginningStart extends ObservedPlace {
  readonly kind: 'start';
}

/** A resource of `rotatingProvider` is built and validated. */
export interface BeginningSwap extends ObservedSecret {
  readonly kind: 'swap';
  /** Name of its token. */
  readonly resource: string;
}

/** What takes time, and others may be asked in it: a span of a trace. */
export type ObservedWork = BeginningCall | BeginningStart | BeginningSwap;

/** How work went: `ok`, `interrupted` (nobody's fault), or the code (or name) of an error. */
export type WorkOutcome = string;

/** What an observer puts around work. */
export interface WorkScope {
  /** Calls it, once and at once, e.g. in a context of its own, and gives what it gives. */
  run<T>(work: () => T): T;
  over(outcome: WorkOutcome): void;
}
