/** What an app does beside reading by name. */
export interface PolicyWishes {
  /** It lists: `preload: 'all'`, `list`, `fetchSecrets`, `getByPath`. */
  readonly list: boolean;
  /** It writes: `update`. */
  readonly write: boolean;
  /** Who is granted the rights, as the backend calls it; a placeholder without it. */
  readonly principal?: string | undefined;
}

/** What a policy is printed as. */
export interface PrintedPolicy {
  /** E.g. HCL. */
  readonly text: string;
  /** What is to be known beside it, for people. */
  readonly notes: readonly string[];
}
