import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { sharedByCopies } from '../../core/shared-by-copies.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import { didYouMean, nearNames } from '../../core/options/near-names.js';
import { OfferedTokens } from '../injection/offered-tokens.js';
import { viewsIn } from './registered-views.js';
import type { SecretsView } from './secrets-view.js';
import { awaitsBinding, bindView, connectionOf, createView, refuseWriting } from './secrets-view.js';
import { tellUnshown } from './unshown-names.js';

/** Which connection has a namespace, by app: where there is no ConfigModule, two of them would still be injected by one key. */
const takenIn = sharedByCopies('taken-namespaces', () => new WeakMap<ModulesContainer, Map<string, string>>());

/** The connections of each app: a view of any other is never bound. */
const connectionsIn = sharedByCopies('connections', () => new WeakMap<ModulesContainer, Set<string>>());

/**
 * The views of one connection in one app’s ConfigService. @nestjs/config keeps the object of a namespace by reference in its host record,
 * so a live view there stays current; `ConfigService.set` would write values to `process.env`, and is not used, and refused.
 */
export class ConfigViews {
  /** The namespaces of this connection that the app's ConfigModules load. */
  readonly #loaded: readonly string[];
  /** Those that classes and factories inject by the key of `registerSecrets`. */
  readonly #injected: readonly string[];
  readonly #kept = new Set<string>();
  #view: SecretsView | undefined;
  #runtime: SecretRuntime | undefined;
  #isSettled = false;
  /** Held here: those who tell it of more hold it weakly. */
  readonly offered: OfferedTokens;

  /** Throws SecretConfigurationError for a namespace that is taken. */
  constructor(
    private readonly connection: string,
    private readonly namespace: string | undefined,
    private readonly container: ModulesContainer,
    /** ConfigModule’s own record; undefined in an app without it. */
    private readonly host: Record<string, unknown> | undefined,
  ) {
    const connections = connectionsIn.get(container) ?? new Set();
    connectionsIn.set(container, connections.add(connection));
    const taken = takenIn.get(container) ?? new Map<string, string>();
    takenIn.set(container, taken);
    if (namespace !== undefined) this.#claim(namespace, taken);
    this.#show();
    const { loaded, injected } = viewsIn(container, connection);
    this.#loaded = loaded;
    this.#injected = injected;
    // From the beginning: `ConfigService.set` of a whole namespace may come before all of the app is made.
    for (const name of loaded) if (this.#isOurs(name)) this.#keep(name);
    if (namespace !== undefined) this.#keep(namespace);
    this.offered = OfferedTokens.intoApp(connection, container);
  }

  /** What `config: { namespace }` shows, and what is injected by the key of `registerSecrets`: most apps have neither. */
  get view(): SecretsView {
    const view = (this.#view ??= createView(this.connection));
    if (this.#runtime) bindView(view, this.#runtime, this.namespace ?? this.connection);
    return view;
  }

  /** Where the secrets are shown. */
  get namespaces(): readonly string[] {
    const own = this.namespace === undefined ? [] : [this.namespace];
    return [...new Set([...own, ...this.#loaded, ...this.#injected])];
  }

  /** True where somebody reads all secrets by name. */
  get isShown(): boolean {
    return (
      this.namespace !== undefined ||
      this.#loaded.length > 0 ||
      this.#injected.length > 0 ||
      Object.values(this.host ?? {}).some((item) => awaitsBinding(item, this.connection))
    );
  }

  /**
   * Binds the views that are there by now.
   * Throws SecretConfigurationError where something else has taken the namespace.
   */
  bind(runtime: SecretRuntime): void {
    this.#runtime = runtime;
    if (this.isShown) tellUnshown(runtime);
    if (this.#view) bindView(this.#view, runtime, this.namespace ?? this.connection);
    this.#show();
    for (const [namespace, item] of Object.entries(this.host ?? {})) bindView(item, runtime, namespace);
  }

  /**
   * When all of the app's modules are built: binds what a `load` has brought late, and lets nothing of ConfigService take a view's place.
   * Throws SecretConfigurationError for a view of a connection that the app does not have.
   */
  settle(runtime: SecretRuntime): void {
    this.bind(runtime);
    this.#isSettled = true;
    if (this.namespace !== undefined && !this.host) {
      runtime.log.info(
        `Option "config.namespace" is "${this.namespace}" (connection "${this.connection}"), and the app has no ConfigModule of @nestjs/config: no ConfigService shows the secrets there.`,
      );
    }
    for (const [namespace, item] of Object.entries(this.host ?? {})) {
      const owner = connectionOf(item);
      if (owner === this.connection) this.#keep(namespace);
      else if (owner !== undefined) this.#checkThere(namespace, owner);
    }
  }

  /** `ConfigService.set` of the whole namespace would leave it with another object, and goes on to write to `process.env`. */
  #keep(namespace: string): void {
    if (!this.host || this.#kept.has(namespace)) return;
    this.#kept.add(namespace);
    let shown = this.host[namespace];
    Object.defineProperty(this.host, namespace, {
      configurable: true,
      enumerable: true,
      get: () => shown,
      set: (value: unknown) => {
        // A module that is loaded later may bring the same `registerSecrets` along.
        if (connectionOf(value) !== this.connection) this.#refuse(namespace, value);
        if (this.#runtime) bindView(value, this.#runtime, namespace);
        shown = value;
      },
    });
  }

  /** While the app is made, it is most likely a `load` that brings other settings. */
  #refuse(namespace: string, value: unknown): never {
    if (this.#isSettled || namespace !== this.namespace) refuseWriting(this.connection);
    throw this.#takenBy(namespace, connectionOf(value));
  }

  /** False where something else stands there already: `settle` tells, where that is wrong. */
  #isOurs(namespace: string): boolean {
    const there = this.host?.[namespace];
    return there === undefined || connectionOf(there) === this.connection;
  }

  #checkThere(namespace: string, connection: string): void {
    const known = connectionsIn.get(this.container) ?? new Set();
    if (known.has(connection)) return;
    const call = `registerSecrets(${JSON.stringify(namespace)}, { connection: ${JSON.stringify(connection)} })`;
    throw new SecretConfigurationError(
      `${call}: the app has no such connection.${didYouMean(nearNames(connection, known)) || ` It has ${[...known].map((name) => `"${name}"`).join(', ')}.`}`,
    );
  }

  #claim(namespace: string, taken: Map<string, string>): void {
    const other = taken.get(namespace);
    if (other !== undefined && other !== this.connection)
      throw this.#isTaken(namespace, `the connection "${other}" has it`);
    taken.set(namespace, this.connection);
  }

  #show(): void {
    const { host, namespace, connection } = this;
    if (!host || namespace === undefined) return;
    const there = Object.hasOwn(host, namespace) ? host[namespace] : undefined;
    if (there === undefined) host[namespace] = this.view;
    // A view of the same connection that `registerSecrets` has put there is as good, and may be injected by its key already.
    const owner = connectionOf(there ?? this.view);
    if (owner === connection) return;
    throw this.#takenBy(namespace, owner);
  }

  #takenBy(namespace: string, owner: string | undefined): SecretConfigurationError {
    return this.#isTaken(
      namespace,
      owner === undefined
        ? 'the app has settings of its own there (`registerAs`, or `load` of its ConfigModule)'
        : `the connection "${owner}" has it, by \`registerSecrets\``,
    );
  }

  /** Whatever comes last would show, and who reads the other would get another tenant's secrets, or none. */
  #isTaken(namespace: string, why: string): SecretConfigurationError {
    const { connection } = this;
    const reason = `the config namespace "${namespace}" is taken: ${why}. Give \`config.namespace\` another name.`;
    return new SecretConfigurationError(reason, { connection });
  }
}
