/** Where the command writes. */
export interface CliOutput {
  /** Results: standard output. Bytes go out as they are. */
  out(text: string | Uint8Array): unknown;
  /** Progress and errors: standard error. */
  err(text: string): unknown;
}
