import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { SecretsView } from './secrets-view.js';
import { awaitsBinding, bindView, createView, isView } from './secrets-view.js';
import { tellUnshown } from './unshown-names.js';

/**
 * The views of one connection in one app’s ConfigService. @nestjs/config keeps the object of a namespace by reference in its host record,
 * so a live view there stays current; `ConfigService.set` would write values to `process.env`, and is not used.
 */
export class ConfigViews {
  /** What `config: { namespace }` shows. */
  readonly view: SecretsView;

  constructor(
    private readonly connection: string,
    private readonly namespace: string | undefined,
    /** ConfigModule’s own record; undefined in an app without it. */
    private readonly host: Record<string, unknown> | undefined,
  ) {
    this.view = createView(connection);
    this.#show();
  }

  /** True where somebody reads all secrets by name. */
  get isShown(): boolean {
    return (
      this.namespace !== undefined ||
      Object.values(this.host ?? {}).some((item) => awaitsBinding(item, this.connection))
    );
  }

  /** Binds the views that are there by now. Called again when all of the app’s modules are built, for a `load` that came late. */
  bind(runtime: SecretRuntime): void {
    if (this.isShown) tellUnshown(runtime);
    bindView(this.view, runtime);
    this.#show();
    for (const item of Object.values(this.host ?? {})) bindView(item, runtime);
  }

  #show(): void {
    const { host, namespace } = this;
    // A view that `registerSecrets` has put there is as good, and may be injected by its key already.
    if (host && namespace !== undefined && !isView(host[namespace])) host[namespace] = this.view;
  }
}
