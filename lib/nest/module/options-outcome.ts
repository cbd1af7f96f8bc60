import { checkFactoryResult } from './check-options.js';
import type { HcpVaultModuleOptions } from './module-options.js';

/**
 * Options as they came, or why they did not: a test that overrides the source must not fail on what the real one lacks. What came and is refused
 * fails the test as well.
 */
export type OptionsOutcome =
  { readonly options: HcpVaultModuleOptions } | { readonly failed: unknown } | { readonly refused: unknown };

/** Runs a factory of options. */
export async function optionsOutcome(
  connection: string,
  make: () => HcpVaultModuleOptions | Promise<HcpVaultModuleOptions>,
): Promise<OptionsOutcome> {
  let given: HcpVaultModuleOptions;
  try {
    given = await make();
  } catch (error) {
    return { failed: error };
  }
  try {
    return { options: checkFactoryResult(given, connection) };
  } catch (error) {
    return { refused: error };
  }
}

/** Throws what the app is not to start with. */
export function optionsOf(outcome: OptionsOutcome): HcpVaultModuleOptions {
  if ('refused' in outcome) throw outcome.refused;
  return 'options' in outcome ? outcome.options : {};
}
