import type { ConsumerPort, NamedConsumer } from '../../core/client/consumers.js';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { bearsOwn } from '../../core/own-brand.js';
import { hideInOutput } from '../../core/redaction.js';
import { RotationHandlers } from '../lifecycle/rotation-handlers.js';
import { LiveHandle } from './live-handle.js';
import type { AuditedPlaces } from './audited-places.js';
import { classOf } from './class-of.js';
import { classSecrets } from './class-secrets.js';
import { SecretArgument } from './secret-argument.js';
import { methodConsumer } from './token-consumers.js';
import type { SecretRequest } from './secret-request.js';

interface Named {
  readonly name: string;
}

/** The tokens of one app: what tests have put in the place of providers of secrets. */
export interface Tokens {
  overrideOf(token: string): { readonly value: unknown } | undefined;
  /** True where any module of the app provides the token otherwise than this package does. */
  isGivenElsewhere(token: string): boolean;
}

/** Registered: what a class was decorated with may be another copy of this package than the one that runs the app. */
const BRAND = Symbol.for('nestjs-hcp-vault.hub.1');

/**
 * What the hidden injections of a connection bring: the way from a decorated instance to its secrets. One for all of them, so that a secret needs no
 * providers beside the one of its value.
 */
export class SecretHub implements ConsumerPort {
  readonly #runtime: SecretRuntime;
  readonly #tokens: Tokens;
  /** Made for the first of them. */
  #handlers: RotationHandlers | undefined;
  readonly #live = new Map<SecretRequest, LiveHandle>();
  readonly #arguments = new Map<SecretRequest, SecretArgument>();
  /** Of which there has been an instance. */
  readonly #classes = new WeakSet<object>();
  readonly #isGivenElsewhere = (token: string): boolean => this.#tokens.isGivenElsewhere(token);
  /** The same, to be listed; who is gone is not kept for it. */
  readonly #served: WeakRef<Named>[] = [];
  /** Where the connection is audited. */
  readonly audited: AuditedPlaces | undefined;

  constructor(runtime: SecretRuntime, tokens: Tokens, audited?: AuditedPlaces) {
    this.audited = audited;
    this.#runtime = runtime;
    this.#tokens = tokens;
    runtime.consumers.addPort(this);
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** An instance of a class is made, maybe by `moduleRef.create`, of which the app's container says nothing. */
  serve(type: Named): void {
    this.audited?.made(type);
    if (this.#classes.has(type)) return;
    this.#classes.add(type);
    this.#served.push(new WeakRef(type));
  }

  /** The consumers of classes that were made. Put together when somebody looks, and not at each start. */
  *named(): Iterable<NamedConsumer> {
    const { connection } = this.#runtime;
    for (const type of this.#served.map((reference) => reference.deref()))
      for (const { request, ...place } of type ? classSecrets(type) : [])
        if (request.connection === connection && !this.#tokens.isGivenElsewhere(request.token))
          yield { name: request.name, version: request.version, consumer: methodConsumer(type!, place) };
  }

  ofAll(): readonly [] {
    return [];
  }

  /** How a property reads its secret. */
  live(request: SecretRequest): LiveHandle {
    let handle = this.#live.get(request);
    if (!handle) {
      const { live } = this.#runtime.pin(request.name, request.version);
      handle = new LiveHandle(live, request, this.#isGivenElsewhere);
      this.#live.set(request, handle);
    }
    return handle;
  }

  /** How a method's parameter reads its secret, at a call. */
  argument(request: SecretRequest): SecretArgument {
    let argument = this.#arguments.get(request);
    if (!argument) {
      const { live } = this.#runtime.pin(request.name, request.version);
      argument = new SecretArgument(live, request, this.#tokens.overrideOf(request.token));
      this.#arguments.set(request, argument);
    }
    return argument;
  }

  /** Fills a method's parameter, at a call. */
  parameter(instance: object, member: string | symbol, request: SecretRequest, fallback: unknown): unknown {
    const argument = this.argument(request);
    const value = argument.read(fallback);
    if (this.audited && !argument.isOverridden) this.audited.called(classOf(instance), member, request);
    return value;
  }

  /** From now on a method of this instance hears of a secret's rotations. */
  tell(instance: object, method: string | symbol, request: SecretRequest): void {
    (this.#handlers ??= new RotationHandlers(this.#runtime)).add(instance, method, request);
  }

  static {
    hideInOutput(SecretHub.prototype, (self) => `[secrets ${self.#runtime.connection}]`);
  }
}

/** False for what an auto-mocker answers in its place. */
export function isSecretHub(candidate: unknown): candidate is SecretHub {
  return bearsOwn(candidate, BRAND);
}
