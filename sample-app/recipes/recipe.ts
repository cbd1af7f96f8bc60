/**
 * A place where a secret reaches the app, and what the page tells of it.
 *
 * All recipes say `optional: true`, so that this app also starts against your own secrets. Leave it out in yours: then the start fails,
 * once and with the names, where a secret is missing.
 */
export interface Recipe {
  readonly title: string;
  /** The line that does it. */
  readonly code: string;
  readonly secret: string;
  readonly field?: string;
  /** False for a snapshot. */
  readonly live: boolean;
  /** What this place holds now. */
  value(): unknown;
}
