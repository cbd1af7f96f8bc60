import type { OptionKinds } from '../../core/options/option-kinds.js';

export interface EnvSourceOptions {
  /** What stands before each name in the environment: with `APP_` the secret `KEY` is the variable `APP_KEY`. @default '' */
  readonly prefix?: string | undefined;
}

export const ENV_OPTIONS: OptionKinds<EnvSourceOptions> = { prefix: 'text' };
