import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import type { RuntimeOptions } from '../../../lib/core/client/secret-runtime.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import type { SecretsGuardOptions } from '../../../lib/core/guard/guard-options.js';
import type { SecretsGuard } from '../../../lib/core/guard/secrets-guard.js';
import { secretsGuard } from '../../../lib/core/guard/secrets-guard.js';
import { memorySource, type MemorySource } from '../../../lib/sources/memory/index.js';

export interface GuardedConnection {
  readonly source: MemorySource;
  readonly runtime: SecretRuntime;
  readonly client: HcpVaultClient;
  readonly guard: SecretsGuard;
}

/** A connection with these secrets, all loaded, and a guard of it. */
export async function guarded(
  values: Record<string, unknown>,
  options: SecretsGuardOptions = {},
  runtimeOptions: Partial<RuntimeOptions> = {},
): Promise<GuardedConnection> {
  const source = memorySource(values as never);
  const runtime = new SecretRuntime({ source, ...runtimeOptions });
  const client = new HcpVaultClient(runtime);
  await client.fetchSecrets();
  return { source, runtime, client, guard: secretsGuard(client, options) };
}

/** Values by the names `S0`, `S1`, … */
export const named = (values: readonly unknown[]): Record<string, unknown> =>
  Object.fromEntries(values.map((value, index) => [`S${index}`, value]));
