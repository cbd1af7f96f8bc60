import type { VaultSys } from './sys/vault.sys.js';
import type { VaultResponse, VaultWrappedResponse } from './vault.answer.js';
import type { VaultCalls } from './vault-calls.js';

/** Calls as they are, but that their answer is the wrapping token; what gives no envelope stays. */
type Wrapped<T> = T extends (...parameters: infer P) => Promise<VaultResponse<unknown>>
  ? (...parameters: P) => Promise<VaultWrappedResponse>
  : T extends (...parameters: never[]) => unknown
    ? T
    : T extends object
      ? { readonly [K in keyof T]: Wrapped<T[K]> }
      : T;

type NeverWrapped = 'health' | 'sealStatus' | 'seal' | 'unseal' | 'wrapping';

/**
 * What `withWrapping` gives. Transit's typed calls, but those of its keys, give no envelope that could carry a wrapping token: write to their paths in
 * place of them.
 */
export type VaultWrappingClient = Wrapped<
  Pick<
    VaultCalls,
    'read' | 'write' | 'list' | 'delete' | 'auth' | 'kv' | 'database' | 'aws' | 'pki' | 'ssh' | 'totp' | 'identity'
  >
> & {
  readonly transit: { readonly keys: Wrapped<VaultCalls['transit']['keys']> };
  readonly sys: Wrapped<Omit<VaultSys, NeverWrapped>> & Pick<VaultSys, NeverWrapped>;
};
