import { bearsOwn } from '../../core/own-brand.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretHub } from './secret-hub.js';
import type { SecretRequest } from './secret-request.js';

// Registered: a class and its base may be decorated with two copies of this package.
const KEY = Symbol.for('nestjs-hcp-vault.instance.1');
const BRAND = Symbol.for('nestjs-hcp-vault.instance-secrets.1');

/** What the hidden injections of one instance have brought for the parameters of its methods. */
export class InstanceSecrets {
  readonly #hubs = new Map<string, SecretHub>();
  readonly #values = new Map<string, unknown>();

  private constructor() {
    Object.defineProperty(this, BRAND, { value: true });
  }

  /**
   * Those of an instance; also through a Proxy around it, and from an object whose prototype it is. Undefined for an instance that nothing was injected into.
   */
  static of(instance: unknown): InstanceSecrets | undefined {
    const found: unknown =
      (instance as { [KEY]?: unknown } | null | undefined)?.[KEY] ?? sealedInstances.get(instance as object);
    return bearsOwn(found, BRAND) ? (found as InstanceSecrets) : undefined;
  }

  static obtain(instance: object): InstanceSecrets {
    const known = InstanceSecrets.of(instance);
    if (known) return known;
    const made = new InstanceSecrets();
    if (!Reflect.defineProperty(instance, KEY, { value: made })) sealedInstances.set(instance, made);
    return made;
  }

  /** In an app: secrets are read from here, but for what a test or a module of the app provides otherwise. */
  takeHub(connection: string, hub: SecretHub): void {
    this.#hubs.set(connection, hub);
  }

  /** What was injected under a token beside the hub, which Nest injects first: kept where it is not what the hub reads anyway. */
  takeValue(request: SecretRequest, value: unknown): void {
    const hub = this.#hubs.get(request.connection);
    if (!hub?.live(request).isOwn(value)) this.#values.set(request.token, value);
  }

  hub(connection: string): SecretHub | undefined {
    return this.#hubs.get(connection);
  }

  /** @returns undefined where nobody provides one otherwise */
  valueOf(token: string): unknown {
    return this.#values.get(token);
  }

  static {
    hideInOutput(InstanceSecrets.prototype, () => '[secrets]');
  }
}

/** Of instances that take no property more: frozen by their constructor. */
const sealedInstances = new WeakMap<object, InstanceSecrets>();
