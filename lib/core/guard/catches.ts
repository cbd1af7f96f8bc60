import type { Observable } from 'rxjs';
import { Subject } from 'rxjs';
import { GuardedStream } from '../store/guarded-stream.js';
import type { Span } from './matcher.js';

/** A secret was about to get out, and was masked: a fault of the app, to be mended where it is printed. */
export interface CaughtSecret {
  /** Whose value it was. */
  readonly name: string;
  readonly connection: string;
  /** Where it would have got out. */
  readonly place: CatchPlace;
  /** What is known of who printed it: Nest's context, the class and method of a response. Never a text that was printed. */
  readonly from?: string;
  readonly at: Date;
}

export type CatchPlace =
  'mask' | 'logger' | 'console' | 'pino' | 'winston' | 'stdout' | 'stderr' | 'stream' | 'response' | 'response-error';

/** Counts what was caught, and tells of it. */
export class Catches {
  readonly #caught = new Subject<CaughtSecret>();
  readonly #byPlace = new Map<CatchPlace, number>();

  constructor(private readonly onObserverFailure: (error: unknown) => void) {
    Object.defineProperty(this, 'onObserverFailure', { enumerable: false });
  }

  get caught$(): Observable<CaughtSecret> {
    return GuardedStream.over(this.#caught, this.onObserverFailure);
  }

  get byPlace(): Readonly<Partial<Record<CatchPlace, number>>> {
    return Object.fromEntries(this.#byPlace);
  }

  tell({ owner }: Pick<Span, 'owner'>, place: CatchPlace, from: string | undefined): void {
    const { name, connection, caught } = owner;
    this.#byPlace.set(place, (this.#byPlace.get(place) ?? 0) + 1);
    caught?.(name, place);
    if (!this.#caught.observed) return;
    this.#caught.next({ name, connection, place, ...(from !== undefined && { from }), at: new Date() });
  }
}
