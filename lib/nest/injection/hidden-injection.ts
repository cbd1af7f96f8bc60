import { classOf } from './class-of.js';
import type { ClassSecret } from './class-secrets.js';
import { classSecrets } from './class-secrets.js';
import { injectAhead, injectHub, readAheadOnly } from './hidden-slot.js';
import { InstanceSecrets } from './instance-secrets.js';
import { layPlain, makeLive, ownValue, restoreFastProperties } from './live-property.js';
import { isOptionalPlace } from './nest-metadata.js';
import type { SecretHub } from './secret-hub.js';
import { isSecretHub } from './secret-hub.js';
import type { SecretRequest } from './secret-request.js';
import { valueRequest } from './tokens.js';

/** Has instances of a class get their connection's hub, and do with it what the class's decorators ask for. */
export function connectToHub(target: object, { connection }: SecretRequest): void {
  injectHub(target, connection, (instance, hub) => {
    if (isSecretHub(hub)) takeHub(instance, connection, hub);
  });
}

/** Has the secret read ahead of an instance, and takes its value where there is no module: that of a unit test. */
export function readAhead(target: object, request: SecretRequest): void {
  injectAhead(target, request, (instance, value) => takeValue(instance, request, value));
  if (request.optional) {
    const plain = plainOf(request);
    injectAhead(target, plain, (instance, value) => takeValue(instance, plain, value));
  }
}

/** A subclass has nothing read ahead for decorators of its base that its own have replaced. */
export function forgetReplaced({ constructor: type }: object): void {
  if (classSecrets(Object.getPrototypeOf(type)).length > 0) {
    readAheadOnly(type, new Set(classSecrets(type).flatMap(readAheadFor)));
  }
}

function readAheadFor({ place, request }: ClassSecret): string[] {
  if (place === 'method' || place === 'handler') return [request.token, plainOf(request).token];
  return place === 'property' && request.kind === 'value' && request.optional ? [plainOf(request).token] : [];
}

/** The request that a unit test knows, `getSecretToken('KEY')`, of one whose token is another for being optional. */
export function plainOf(request: SecretRequest): SecretRequest {
  const { name, field, connection, version } = request;
  return request.optional ? valueRequest(name, { field, connection, version }) : request;
}

function takeHub(instance: object, connection: string, hub: SecretHub): void {
  let hasLive = false;
  for (const { place, request, member, fallback, isOptional } of plansOf(instance)) {
    if (request.connection !== connection) continue;
    if (place === 'handler') hub.tell(instance, member!, request);
    else if (place === 'method') InstanceSecrets.obtain(instance).takeHub(connection, hub);
    else if (place === 'property') {
      makeLive(instance, member!, hub.live(request), isOptional ? { fallback } : undefined);
      hasLive = true;
    }
  }
  if (hasLive) restoreFastProperties(instance);
}

/** Nest assigns no undefined and no null. */
function takeValue(instance: object, given: SecretRequest, value: unknown): void {
  for (const { place, request, plain, member } of plansOf(instance)) {
    if (request !== given && plain !== given) continue;
    if (place === 'method') InstanceSecrets.obtain(instance).takeValue(given, value);
    else if (place === 'property' && isEmpty(instance, member!)) layPlain(member!).call(instance, value);
  }
}

/** False for a property that is live, and for one that Nest has put a value into. */
function isEmpty(instance: object, property: string | symbol): boolean {
  const isLive = Object.getOwnPropertyDescriptor(instance, property)?.get !== undefined;
  return !isLive && ownValue(instance, property) === undefined;
}

interface Planned extends ClassSecret {
  /** Also by Nest's `@Optional()`, in whatever order the two stand. */
  readonly isOptional: boolean;
  readonly plain: SecretRequest;
}

const plans = new WeakMap<object, readonly Planned[]>();

/** What a class asks for, looked up once: with its first instance all decorators have run. */
function plansOf(instance: object): readonly Planned[] {
  const type = classOf(instance);
  let plan = plans.get(type);
  if (!plan) {
    plan = classSecrets(type)
      .filter(({ request }) => request.kind === 'value')
      .map((secret) => ({
        ...secret,
        isOptional: secret.request.optional || (secret.place === 'property' && isOptionalPlace(type, secret.member!)),
        plain: plainOf(secret.request),
      }));
    plans.set(type, plan);
  }
  return plan;
}
