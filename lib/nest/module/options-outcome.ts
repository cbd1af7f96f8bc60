import { hideInOutput } from '../../core/redaction.js';
import { checkFactoryResult } from './check-options.js';
import type { HcpVaultModuleOptions } from './module-options.js';

/** How it went with the options: they came; the factory failed; what it gave is refused. */
type Outcome =
  { readonly options: HcpVaultModuleOptions } | { readonly failed: unknown } | { readonly refused: unknown };

/**
 * Options as they came, or why they did not: a test that overrides the source must not fail on what the real one lacks. What came and is refused
 * fails the test as well. Nest's container holds it, so it shows nothing of them: they may hold a key.
 */
export class OptionsOutcome {
  readonly #outcome: Outcome;

  private constructor(outcome: Outcome) {
    this.#outcome = outcome;
  }

  static of(options: HcpVaultModuleOptions): OptionsOutcome {
    return new OptionsOutcome({ options });
  }

  /** Runs a factory of options. */
  static async made(
    connection: string,
    make: () => HcpVaultModuleOptions | Promise<HcpVaultModuleOptions>,
  ): Promise<OptionsOutcome> {
    let given: HcpVaultModuleOptions;
    try {
      given = await make();
    } catch (error) {
      return new OptionsOutcome({ failed: error });
    }
    try {
      return OptionsOutcome.of(checkFactoryResult(given, connection));
    } catch (error) {
      return new OptionsOutcome({ refused: error });
    }
  }

  /** None where the factory failed. Throws what was refused. */
  get options(): HcpVaultModuleOptions {
    const outcome = this.#outcome;
    if ('refused' in outcome) throw outcome.refused;
    return 'options' in outcome ? outcome.options : {};
  }

  /** Throws what the factory threw. */
  throwFailure(): void {
    if ('failed' in this.#outcome) throw this.#outcome.failed;
  }

  static {
    hideInOutput(OptionsOutcome.prototype, () => '[options of HcpVaultModule]');
  }
}
