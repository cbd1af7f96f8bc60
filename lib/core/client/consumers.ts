import type { Unsubscribe } from '../source/secret-source.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import { consumerKey, type SecretConsumer } from './requirement.js';

/** One who is given a secret. */
export interface NamedConsumer {
  readonly name: string;
  readonly version?: string | undefined;
  readonly consumer: SecretConsumer;
}

/** Somebody who knows who is given what, as an app by its container. It is asked when somebody wants to know, and keeps nothing for it. */
export interface ConsumerPort {
  named(): Iterable<NamedConsumer>;
  /** Those that are given every secret by its name, and whether they show one of that name. */
  ofAll(): readonly { readonly consumer: SecretConsumer; shows(name: string): boolean }[];
}

type Found = Map<SecretState, Map<string, SecretConsumer>>;

const REQUIRED: SecretConsumer = { kind: 'required', name: 'required' };

/** Who is given which secret of a connection: each place once, however many instances there are of it. */
export class Consumers {
  readonly #ports = new Set<ConsumerPort>();
  /** Of those that no port knows. They go with their secret. */
  readonly #noted = new WeakMap<SecretState, Map<string, SecretConsumer>>();

  constructor(
    private readonly secrets: () => TrackedSecrets,
    /** By the option of this name. */
    private readonly required: readonly string[],
  ) {}

  addPort(port: ConsumerPort): Unsubscribe {
    this.#ports.add(port);
    return () => this.#ports.delete(port);
  }

  /** One that asks for itself, at a time of its own. */
  note(state: SecretState, consumer: SecretConsumer): void {
    const known = this.#noted.get(state) ?? new Map<string, SecretConsumer>();
    if (known.size === 0) this.#noted.set(state, known);
    known.set(consumerKey(consumer), consumer);
  }

  /** Looks once, for all secrets. Those of one secret are in a stable order: as the app is put together, then as they asked. */
  look(): (state: SecretState) => readonly SecretConsumer[] {
    const named: Found = new Map();
    const ofAll: ReturnType<ConsumerPort['ofAll']>[number][] = [];
    for (const port of this.#ports) {
      for (const { name, version, consumer } of port.named()) this.#add(named, name, version, consumer);
      ofAll.push(...port.ofAll());
    }
    const required: Found = new Map();
    for (const name of this.required) this.#add(required, name, undefined, REQUIRED);
    return (state) => {
      const found = new Map(named.get(state));
      for (const each of this.#noted.get(state)?.values() ?? []) found.set(consumerKey(each), each);
      for (const view of state.requested === undefined ? ofAll : [])
        if (view.shows(state.name)) found.set(consumerKey(view.consumer), view.consumer);
      return [...found.values(), ...(required.get(state)?.values() ?? [])];
    };
  }

  #add(found: Found, name: string, version: string | undefined, consumer: SecretConsumer): void {
    const secrets = this.secrets();
    const current = secrets.peek(name);
    const state =
      version === undefined ? current : secrets.otherVersions(name).find(({ requested }) => requested === version);
    if (!state) return; // nothing has been asked for yet
    const known = found.get(state) ?? new Map<string, SecretConsumer>();
    found.set(state, known.set(consumerKey(consumer), consumer));
  }
}
