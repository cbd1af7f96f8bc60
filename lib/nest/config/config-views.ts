import type { ModulesContainer } from '@nestjs/core';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { SecretsView } from './secrets-view.js';
import { awaitsBinding, bindView, connectionOf, createView } from './secrets-view.js';
import { tellUnshown } from './unshown-names.js';

/** Which connection has a namespace, by app: where there is no ConfigModule, two of them would still be injected by one key. */
const takenIn = new WeakMap<ModulesContainer, Map<string, string>>();

/**
 * The views of one connection in one app’s ConfigService. @nestjs/config keeps the object of a namespace by reference in its host record,
 * so a live view there stays current; `ConfigService.set` would write values to `process.env`, and is not used.
 */
export class ConfigViews {
  /** What `config: { namespace }` shows. */
  readonly view: SecretsView;

  /** Throws SecretConfigurationError for a namespace that is taken. */
  constructor(
    private readonly connection: string,
    private readonly namespace: string | undefined,
    container: ModulesContainer,
    /** ConfigModule’s own record; undefined in an app without it. */
    private readonly host: Record<string, unknown> | undefined,
  ) {
    this.view = createView(connection);
    const taken = takenIn.get(container) ?? new Map<string, string>();
    takenIn.set(container, taken);
    if (namespace !== undefined) this.#claim(namespace, taken);
    this.#show();
  }

  /** True where somebody reads all secrets by name. */
  get isShown(): boolean {
    return (
      this.namespace !== undefined ||
      Object.values(this.host ?? {}).some((item) => awaitsBinding(item, this.connection))
    );
  }

  /**
   * Binds the views that are there by now. Called again when all of the app’s modules are built, for a `load` that came late.
   * Throws SecretConfigurationError where that has taken the namespace.
   */
  bind(runtime: SecretRuntime): void {
    if (this.isShown) tellUnshown(runtime);
    bindView(this.view, runtime);
    this.#show();
    for (const item of Object.values(this.host ?? {})) bindView(item, runtime);
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
    throw this.#isTaken(
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
