import type { ClassSecret } from './class-secrets.js';
import { classSecrets } from './class-secrets.js';
import { optionalProperties } from './nest-metadata.js';
import type { SecretRequest } from './secret-request.js';
import { valueRequest } from './tokens.js';

/** What becomes of one place of each instance. */
export interface PlannedSecret extends ClassSecret {
  /** Also by Nest's `@Optional()`, in whatever order the two stand. */
  readonly isOptional: boolean;
  readonly plain: SecretRequest;
}

const plans = new WeakMap<object, readonly PlannedSecret[]>();

/** What a class asks for beside refs, looked up once: where an app has it, all its decorators have run. */
export function classPlan(type: object): readonly PlannedSecret[] {
  let plan = plans.get(type);
  if (!plan) {
    const secrets = classSecrets(type).filter(({ request }) => request.kind === 'value');
    const optional = secrets.some(({ place }) => place === 'property') ? optionalProperties(type) : [];
    plan = secrets.map(({ request, place, member, index, fallback }) => {
      const isOptional = request.optional || (place === 'property' && optional.includes(member));
      return { request, place, member, index, fallback, isOptional, plain: plainOf(request) };
    });
    plans.set(type, plan);
  }
  return plan;
}

/** The request that a unit test knows, `getSecretToken('KEY')`, of one whose token is another for being optional. */
export function plainOf(request: SecretRequest): SecretRequest {
  const { name, field, connection, version } = request;
  return request.optional ? valueRequest(name, { field, connection, version }) : request;
}
