import type { OptionKinds } from '../../core/options/option-kinds.js';

export interface EnvSourceOptions {
  /** What stands before each name in the environment: with `APP_` the secret `KEY` is the variable `APP_KEY`. @default '' */
  readonly prefix?: string | undefined;
  /**
   * Text that holds a JSON object or array becomes that object or array, as it does from AWS, so that one schema serves both. Text with an integer
   * that a double can't hold stays text.
   * @default false
   */
  readonly json?: boolean | undefined;
}

export const ENV_OPTIONS: OptionKinds<EnvSourceOptions> = { prefix: 'text', json: 'boolean' };
