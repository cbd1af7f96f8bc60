/** What a consumer, or an option, asks of the first load. */
export interface Requirement {
  readonly name: string;
  readonly version?: string | undefined;
  readonly field?: string | undefined;
  /** `must`: fails the bootstrap where it is missing. `may`: "not found" is fine. `try`: read ahead, and nothing more. */
  readonly need: 'must' | 'may' | 'try';
  /** Milliseconds for which replaced values are kept. */
  readonly overlap?: number | undefined;
}
