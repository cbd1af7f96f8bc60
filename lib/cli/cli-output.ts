/** Where the command writes. */
export interface CliOutput {
  out(text: string): unknown;
  err(text: string): unknown;
}
