import type { OptionKinds } from '../../core/options/option-kinds.js';

export const ENV = 'env';

export interface EnvSourceOptions {
  /** What stands before each name in the environment: with `APP_` the secret `KEY` is the variable `APP_KEY`. @default '' */
  readonly prefix?: string | undefined;
  /**
   * Text that holds a JSON object or array becomes that object or array, as it does from AWS, so that one schema serves both. Text with an integer
   * that a double can't hold stays text.
   * @default false
   */
  readonly json?: boolean | undefined;
  /**
   * Where `NAME` is not set, or empty, `NAME_FILE` is the path of a file that holds its value, as in Docker's images. The line breaks at its end are
   * left out, and the file is watched. Both set is an error of that name.
   * @default true
   */
  readonly files?: boolean | undefined;
}

export const ENV_OPTIONS: OptionKinds<EnvSourceOptions> = { prefix: 'text', json: 'boolean', files: 'boolean' };
