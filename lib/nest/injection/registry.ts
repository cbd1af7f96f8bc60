import { refuseOtherVersions } from '../../core/copies.js';
import { sharedByCopies } from '../../core/shared-by-copies.js';
import type { SecretRequest } from './secret-request.js';

/** What provides a connection’s secrets in one app, or in one module definition. */
export interface RequestHost {
  readonly connection: string;
  /** Adds the providers of a request, or only that of one more default; harmless when they are there. */
  add(request: SecretRequest, fallback?: SecretDefault): void;
  /** Adds stand-ins for a secret of a connection that nobody in this process has; they go when somebody has it. */
  addStranded?(request: SecretRequest, fallback?: SecretDefault): void;
  dropStranded?(requests: Iterable<SecretRequest>): void;
  /** Somebody has made the token by hand, and may ask the app for it. */
  addHandmade?(request: SecretRequest): void;
}

/**
 * All requests that were recorded in this process. It says which tokens there may be, never which secrets an app needs:
 * that is read from the app’s own container (token-consumers.ts).
 */
export class SecretRequestRegistry {
  readonly #requests = new Map<string, SecretRequest>();
  readonly #defaults = new Map<string, SecretDefault>();
  /** By request, then by value: each consumer may have a default of its own. */
  readonly #defaultsOf = new Map<SecretRequest, Map<unknown, SecretDefault>>();
  readonly #handmade = new Set<SecretRequest>();
  readonly #hosts = new Set<WeakRef<RequestHost>>();

  /** Keeps a request; the first of equal ones serves all. */
  record(request: SecretRequest): SecretRequest {
    const known = this.#requests.get(request.token);
    if (known) return known;
    refuseOtherVersions();
    this.#requests.set(request.token, request);
    this.#tell(request);
    return request;
  }

  /** Notes that a token was made by hand: who made it may get it from the app, without a consumer that Nest knows. */
  recordHandmade(request: SecretRequest): SecretRequest {
    this.#handmade.add(request);
    for (const host of this.#live()) if (host.connection === request.connection) host.addHandmade?.(request);
    return request;
  }

  isHandmade(request: SecretRequest): boolean {
    return this.#handmade.has(request);
  }

  /** Keeps a default of a consumer; the token that comes back gives it where the secret is not found. */
  recordDefault(request: SecretRequest, value: unknown): string {
    const ofRequest = this.#defaultsOf.get(request) ?? new Map<unknown, SecretDefault>();
    this.#defaultsOf.set(request, ofRequest);
    const known = ofRequest.get(value);
    if (known) return known.token;
    const token = `${request.token}=${this.#defaults.size + 1}`;
    const entry = { token, request, value };
    this.#defaults.set(token, entry);
    ofRequest.set(value, entry);
    this.#tell(request, entry);
    return token;
  }

  requestOf(token: unknown): SecretRequest | undefined {
    if (typeof token !== 'string') return undefined;
    return this.#requests.get(token) ?? this.#defaults.get(token)?.request;
  }

  requestsOf(connection: string): SecretRequest[] {
    return [...this.#requests.values()].filter((request) => request.connection === connection);
  }

  defaultOf(token: string): SecretDefault | undefined {
    return this.#defaults.get(token);
  }

  defaultsOf(request: SecretRequest): readonly SecretDefault[] {
    const known = this.#defaultsOf.get(request);
    return known ? [...known.values()] : NONE;
  }

  /** From now on the host is told of every request of its connection. Held weakly. */
  addHost(host: RequestHost): void {
    const others = this.#live();
    const isFirst = others.every(({ connection }) => connection !== host.connection);
    const own = this.requestsOf(host.connection);
    if (isFirst) for (const other of others) other.dropStranded?.(own);
    this.#hosts.add(new WeakRef(host));
    for (const request of own) host.add(request);
    if (!host.addStranded) return;
    const known = new Set([...others, host].map(({ connection }) => connection));
    for (const request of this.#requests.values()) if (!known.has(request.connection)) host.addStranded(request);
  }

  removeHost(host: RequestHost): void {
    for (const reference of this.#hosts) if (reference.deref() === host) this.#hosts.delete(reference);
  }

  #tell(request: SecretRequest, fallback?: SecretDefault): void {
    const hosts = this.#live();
    let isStranded = true;
    for (const host of hosts) {
      if (host.connection !== request.connection) continue;
      isStranded = false;
      host.add(request, fallback);
    }
    if (isStranded) for (const host of hosts) host.addStranded?.(request, fallback);
  }

  #live(): RequestHost[] {
    const hosts: RequestHost[] = [];
    for (const reference of this.#hosts) {
      const host = reference.deref();
      if (host) hosts.push(host);
      else this.#hosts.delete(reference);
    }
    return hosts;
  }
}

const NONE: readonly SecretDefault[] = [];

export interface SecretDefault {
  readonly token: string;
  readonly request: SecretRequest;
  readonly value: unknown;
}

export const registry: SecretRequestRegistry = sharedByCopies('requests', () => new SecretRequestRegistry());
