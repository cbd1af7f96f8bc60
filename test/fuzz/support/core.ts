// The one place where the model touches names of the core that may move: adapt here.
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import type { Requirement } from '../../../lib/core/client/requirement.js';
import type { RuntimeOptions } from '../../../lib/core/client/secret-runtime.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import type { Clock } from '../../../lib/core/clock.js';
import { RotatingResource } from '../../../lib/core/rotation/rotating.js';

/** What the first load is told of a consumer's wish. */
export const NEED = { required: 'required', optional: 'optional' } as const;

export type NeedOf = keyof typeof NEED;

export function requirement(name: string, need: NeedOf): Requirement {
  return { name, need: NEED[need] };
}

export function connect(options: RuntimeOptions): { runtime: SecretRuntime; client: HcpVaultClient } {
  const runtime = new SecretRuntime(options);
  return { runtime, client: new HcpVaultClient(runtime) };
}

export interface ResourceOptions<T> {
  readonly create: (value: unknown) => T | Promise<T>;
  readonly dispose: (resource: T) => unknown;
  readonly rejects: (error: unknown) => boolean;
  readonly drain: number;
  readonly retryFor: number;
}

/** A rotating resource, wired as the module does it. */
export async function openResource<T>(
  runtime: SecretRuntime,
  name: string,
  clock: Clock,
  options: ResourceOptions<T>,
): Promise<RotatingResource<T>> {
  const secret = runtime.pin(name);
  const resource = await RotatingResource.open<T>('RESOURCE', options, {
    secret: secret.live,
    clock,
    random: runtime.random,
    retry: runtime.options.policies.common.retry,
    provide: () => runtime.provide(secret),
    report: () => runtime.rejections.report(secret),
    warn: () => undefined,
  });
  runtime.addDependent(resource);
  return resource;
}
