import type { SecretState } from './secret-state.js';
import type { TransitionFacts, TransitionType } from './transitions.js';

/** Hears of each transition of each secret, once. The log and the events are two such listeners. */
export interface StateListener {
  told(state: SecretState, type: TransitionType, facts: TransitionFacts): void;
  /** What came with one reading or renewal has been told. */
  settled(): void;
}

/** Several listeners as one. */
export function allListeners(...listeners: readonly StateListener[]): StateListener {
  return {
    told: (state, type, facts) => listeners.forEach((listener) => listener.told(state, type, facts)),
    settled: () => listeners.forEach((listener) => listener.settled()),
  };
}
