import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { SecretState } from '../../core/tracking/secret-state.js';
import type { ContainerTokens } from './container-tokens.js';
import { currentValue } from './current-value.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';

/**
 * What was injected as a value, in one app. Nest's container keeps it for whoever is made later, and for as long as the app lives: with each change
 * of the secret it is replaced, and taken out when the value has ended.
 */
export class InjectedValues {
  /** By secret: many may end at one moment. Few of one secret: its fields, and with or without a default. */
  readonly #followed = new Map<string, SecretRequest[]>();

  constructor(
    private readonly runtime: SecretRuntime,
    private readonly tokens: ContainerTokens,
  ) {
    runtime.events.onEnded((name) => {
      for (const request of this.#followed.get(name) ?? []) this.#replace(request);
    });
  }

  /** Called with each injection of a value. */
  follow(request: SecretRequest, { live }: SecretState): void {
    const ofName = this.#followed.get(request.name);
    if (!ofName) this.#followed.set(request.name, [request]);
    else if (ofName.includes(request)) return;
    else ofName.push(request);
    live.onChange(request.field, () => this.#replace(request));
  }

  #replace(request: SecretRequest): void {
    const { tokens } = this;
    const defaults = registry.defaultsOf(request);
    try {
      const { live } = this.runtime.pin(request.name, request.version);
      const current = currentValue(live, request);
      tokens.put(request.token, current);
      for (const { token, value } of defaults) tokens.put(token, current === undefined ? value : current);
    } catch {
      // It has ended, or that field is gone: the factory says so to whoever is made next.
      for (const { token } of [request, ...defaults]) tokens.empty(token);
    }
  }
}
