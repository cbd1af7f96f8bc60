import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { MemorySource } from '../../sources/memory/index.js';
import { HcpVaultTestClient } from './hcp-vault-test.client.js';

/** The client of an app under test: it can change the secrets as well. `HcpVaultTestClient<'reports'>` is that of another connection than "default". */
export type TypedTestClient<C extends string = 'default'> = HcpVaultTestClient<C>;

/** The class, typed as the token of the connection "default". */
export const TypedTestClient: new (runtime: SecretRuntime, source: MemorySource) => TypedTestClient =
  HcpVaultTestClient;
