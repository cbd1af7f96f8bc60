import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { readCellOr } from '../../core/store/cell.js';
import type { SecretState } from '../../core/tracking/secret-state.js';
import { registry } from './registry.js';
import type { SecretRequest } from './secret-request.js';

type AppModule = ModulesContainer extends Map<string, infer M> ? M : never;

const perRuntime = new WeakMap<SecretRuntime, InjectedValues>();

/**
 * What was injected as a value, in one app. Nest keeps what a transient provider gave to each of its consumers for as long as the app lives: after a
 * rotation, and when a value has ended, the container would still hold the old one. What it holds is replaced.
 */
export class InjectedValues {
  /** By secret: many may end at one moment. */
  readonly #followed = new Map<string, Set<SecretRequest>>();
  #host: AppModule | undefined;

  private constructor(private readonly runtime: SecretRuntime) {
    runtime.events.events$.subscribe(({ type, name }) => {
      if (type !== 'ended') return;
      for (const request of (name !== undefined && this.#followed.get(name)) || []) this.#replace(request);
    });
  }

  static of(runtime: SecretRuntime): InjectedValues {
    const values = perRuntime.get(runtime) ?? new InjectedValues(runtime);
    perRuntime.set(runtime, values);
    return values;
  }

  /** @param host the module that has the secrets' providers */
  keptIn(host: AppModule): void {
    this.#host = host;
  }

  /** Called with each injection of a value. */
  follow(request: SecretRequest, { live }: SecretState): void {
    const ofName = this.#followed.get(request.name) ?? new Set();
    if (ofName.has(request)) return;
    this.#followed.set(request.name, ofName.add(request));
    live.onRotation(() => this.#replace(request));
  }

  #replace(request: SecretRequest): void {
    const current = currentOf(this.runtime.pin(request.name, request.version), request);
    this.#put(request.token, current);
    for (const { token, value } of registry.defaultsOf(request))
      this.#put(token, current === undefined ? value : current);
  }

  /** In the place of what each consumer got: nobody reads it there any more, but if somebody does, it is the current one. */
  #put(token: string, value: unknown): void {
    for (const kept of this.#host?.getProviderByKey(token)?.getStaticTransientInstances() ?? []) {
      if (kept) kept.instance = value;
    }
  }
}

/** Undefined where there is none, or not that field any more. */
function currentOf({ live }: SecretState, { field }: SecretRequest): unknown {
  try {
    return readCellOr(field === undefined ? live.cell : live.field(field), undefined);
  } catch {
    return undefined;
  }
}
