import { foreignCause } from './foreign-cause.js';

/** What to call a failure where its text may quote a value: our code, that of a driver, or the name of what was thrown. */
export function failureCode(error: unknown): string {
  const { code, name = 'Error' } = foreignCause(error) ?? {};
  return String(code ?? name);
}
