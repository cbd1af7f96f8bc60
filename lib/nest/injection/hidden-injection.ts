import { classOf } from './class-of.js';
import { classPlan, plainOf } from './class-plan.js';
import type { ClassSecret } from './class-secrets.js';
import { classSecrets } from './class-secrets.js';
import { injectAhead, injectHub, readAheadOnly } from './hidden-slot.js';
import { InstanceSecrets } from './instance-secrets.js';
import { layPlain, makeLive, ownValue, restoreFastProperties } from './live-property.js';
import type { SecretHub } from './secret-hub.js';
import { isSecretHub } from './secret-hub.js';
import type { SecretRequest } from './secret-request.js';

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
  const base = Object.getPrototypeOf(type) as object;
  if (base !== Function.prototype && classSecrets(base).length > 0) {
    readAheadOnly(type, new Set(classSecrets(type).flatMap(readAheadFor)));
  }
}

function readAheadFor({ place, request }: ClassSecret): string[] {
  if (place === 'method' || place === 'handler') return [request.token, plainOf(request).token];
  return place === 'property' && request.kind === 'value' && request.optional ? [plainOf(request).token] : [];
}

function takeHub(instance: object, connection: string, hub: SecretHub): void {
  let hasLive = false;
  const type = classOf(instance);
  hub.serve(type);
  for (const planned of classPlan(type)) {
    const { place, request, member, fallback, isOptional } = planned;
    if (request.connection !== connection) continue;
    if (place === 'handler') hub.tell(instance, member!, request);
    else if (place === 'method') InstanceSecrets.obtain(instance).takeHub(connection, hub);
    else if (place === 'property') {
      const onRead = hub.audited?.property(type, planned);
      makeLive(instance, member!, hub.live(request), isOptional ? { fallback } : undefined, onRead);
      hasLive = true;
    }
  }
  if (hasLive) restoreFastProperties(instance);
}

/** Nest assigns no undefined and no null. */
function takeValue(instance: object, given: SecretRequest, value: unknown): void {
  for (const { place, request, plain, member } of classPlan(classOf(instance))) {
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
