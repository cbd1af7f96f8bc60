import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { readCell, readCellOr } from '../../core/store/cell.js';
import type { SecretState } from '../../core/tracking/secret-state.js';
import type { ContainerTokens } from './container-tokens.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';

/**
 * What was injected as a value, in one app. Nest's container keeps it for whoever is made later, and for as long as the app lives: with each change
 * of the secret it is replaced, and taken out when the value has ended.
 */
export class InjectedValues {
  /** By secret: many may end at one moment. */
  readonly #followed = new Map<string, Set<SecretRequest>>();

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
    const ofName = this.#followed.get(request.name) ?? new Set();
    if (ofName.has(request)) return;
    this.#followed.set(request.name, ofName.add(request));
    live.onChange(request.field, () => this.#replace(request));
  }

  #replace(request: SecretRequest): void {
    const { tokens } = this;
    const defaults = registry.defaultsOf(request);
    try {
      const current = this.#read(request);
      tokens.put(request.token, current);
      for (const { token, value } of defaults) tokens.put(token, current === undefined ? value : current);
    } catch {
      // It has ended, or that field is gone: the factory says so to whoever is made next.
      for (const { token } of [request, ...defaults]) tokens.empty(token);
    }
  }

  #read({ name, version, field, optional }: SecretRequest): unknown {
    const { live } = this.runtime.pin(name, version);
    const cell = field === undefined ? live.cell : live.field(field);
    return optional ? readCellOr(cell, undefined) : readCell(cell);
  }
}
