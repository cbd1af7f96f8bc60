export interface EnvSourceOptions {
  /** What stands before each name in the environment: with `APP_` the secret `KEY` is the variable `APP_KEY`. @default '' */
  readonly prefix?: string | undefined;
}
