import { refuseOtherVersions, sharedByCopies } from '../../core/copies.js';
import type { SecretRequest } from './secret-request.js';

/** What provides a connection’s secrets in one app, or in one module definition. */
export interface RequestHost {
  readonly connection: string;
  /** Adds the providers of a request; harmless when they are there. */
  add(request: SecretRequest): void;
}

/**
 * All requests that were recorded in this process. It says which tokens there may be, never which secrets an app needs:
 * that is read from the app’s own container (decorated-secrets.ts).
 */
export class SecretRequestRegistry {
  readonly #requests = new Map<string, SecretRequest>();
  readonly #defaults = new Map<string, SecretDefault>();
  readonly #hosts = new Set<WeakRef<RequestHost>>();

  /** Keeps a request; the first of equal ones serves all. */
  record(request: SecretRequest): SecretRequest {
    const known = this.#requests.get(request.token);
    if (known) return known;
    refuseOtherVersions();
    this.#requests.set(request.token, request);
    for (const host of this.#live()) if (host.connection === request.connection) host.add(request);
    return request;
  }

  /** Keeps a default of a consumer; the token that comes back gives it where the secret is not found. */
  recordDefault(request: SecretRequest, value: unknown): string {
    for (const [token, known] of this.#defaults) {
      if (known.request === request && Object.is(known.value, value)) return token;
    }
    const token = `${request.token}=${this.#defaults.size + 1}`;
    const entry = { token, request, value };
    this.#defaults.set(token, entry);
    for (const host of this.#live()) if (host.connection === request.connection) host.add(request);
    return token;
  }

  requestOf(token: unknown): SecretRequest | undefined {
    if (typeof token !== 'string') return undefined;
    return this.#requests.get(token) ?? this.#defaults.get(token)?.request;
  }

  requestsOf(connection: string): SecretRequest[] {
    return [...this.#requests.values()].filter((request) => request.connection === connection);
  }

  defaultsOf(request: SecretRequest): SecretDefault[] {
    return [...this.#defaults.values()].filter((known) => known.request === request);
  }

  /** From now on the host is told of every request of its connection. Held weakly. */
  addHost(host: RequestHost): void {
    this.#hosts.add(new WeakRef(host));
    for (const request of this.requestsOf(host.connection)) host.add(request);
  }

  removeHost(host: RequestHost): void {
    for (const reference of this.#hosts) if (reference.deref() === host) this.#hosts.delete(reference);
  }

  *#live(): Iterable<RequestHost> {
    for (const reference of this.#hosts) {
      const host = reference.deref();
      if (host) yield host;
      else this.#hosts.delete(reference);
    }
  }
}

export interface SecretDefault {
  readonly token: string;
  readonly request: SecretRequest;
  readonly value: unknown;
}

export const registry: SecretRequestRegistry = sharedByCopies('requests', () => new SecretRequestRegistry());
