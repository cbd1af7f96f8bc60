import type { SecretSource } from 'nestjs-hcp-vault';
import type { ServerName } from '../../servers/available.js';

export type Stored = string | { readonly values: Readonly<Record<string, string>> };

/** What the sample app has in HCP Vault Secrets, and wherever it moves. A canary each, so that CI finds what is printed. */
export const SECRETS: Readonly<Record<string, Stored>> = {
  STRIPE_KEY: 'canary-stripe-key-number-1',
  SIGNING_KEY: 'canary-signing-key-number-1',
  MAIL_TOKEN: 'canary-mail-token-number-1',
  PIN: '4711',
  DATABASE: { values: { username: 'canary-app-1', password: 'canary-database-password-1' } },
  AWS: { values: { access_key_id: 'canary-access-key-id-1', secret_access_key: 'canary-secret-access-key-1' } },
};

export const asText = (value: Stored): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** One place where the secrets of the sample app can be, as its administrator knows it. */
export interface Backend {
  /** What alone differs in the app. */
  readonly source: SecretSource;
  /** Whether `AWS` is issued for a while, as HCP did it; else it is a secret like the others, of the same shape. */
  readonly isIssuing: boolean;
  readonly isReadOnly: boolean;
  /** What somebody else changes there: the app is not told. */
  rotate(name: string, value: Stored): Promise<unknown>;
  /** What is there. */
  stored(name: string): Promise<string | undefined>;
  /** Nobody can reach it. */
  cut(): Promise<void>;
  restore(): Promise<void>;
  /** Connections of the app's. */
  open(): number;
  stop(): Promise<void>;
}

export interface BackendKind {
  readonly title: string;
  readonly needs: readonly ServerName[];
  start(): Promise<Backend>;
}
