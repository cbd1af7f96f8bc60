/** What a consumer, or an option, asks of the first load. */
export interface Requirement {
  readonly name: string;
  readonly version?: string | undefined;
  readonly field?: string | undefined;
  /** `required`: fails the bootstrap where it is missing. `optional`: "not found" is fine. `preload`: read ahead, and nothing more. */
  readonly need: 'required' | 'optional' | 'preload';
  /** Milliseconds for which replaced values are kept. */
  readonly overlap?: number | undefined;
}
