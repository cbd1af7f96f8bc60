/** What one decorator or token asks for. */
export interface SecretRequest {
  readonly kind: 'value' | 'ref';
  readonly token: string;
  readonly name: string;
  readonly connection: string;
  readonly field: string | undefined;
  readonly version: string | undefined;
  /** "Not found" gives undefined. */
  readonly optional: boolean;
  /** Milliseconds for which replaced values are kept. */
  readonly overlap: number | undefined;
}
