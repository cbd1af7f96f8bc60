import { guardedLogger } from '../../core/refresh/guarded-logger.js';
import { Logger } from '@nestjs/common';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { sharedByCopies } from '../../core/shared-by-copies.js';
import { SecretConfigurationError, SecretNotLoadedError } from '../../core/errors/index.js';
import type { AuditedPlace } from '../../core/observe/audit.js';
import { hideInOutput, inspectSymbol } from '../../core/redaction.js';
import { readCell } from '../../core/store/cell.js';
import { isUnshown } from './unshown-names.js';

/** How `secretNames` asks a view, also one that another copy of the package made. */
const namesSymbol = Symbol.for('nestjs-hcp-vault.secretNames');

/** What stands behind a view: the Proxy’s target, and what an inspection of it shows. */
class ViewTarget {
  #runtime: SecretRuntime | undefined;
  #audited: AuditedPlace | undefined;
  #toldOfKeys = false;

  constructor(readonly connection: string) {
    Object.defineProperty(this, 'connection', { enumerable: false });
    // Bound: node inspects the target of a Proxy with the Proxy as `this`, where `connection` may be a secret’s name.
    Object.defineProperty(this, inspectSymbol, { configurable: true, value: () => `[secrets ${connection}]` });
    Object.defineProperty(this, namesSymbol, { configurable: true, value: () => this.names() });
  }

  bind(runtime: SecretRuntime, name: string): void {
    this.#runtime = runtime;
    this.#audited = runtime.audit?.place('read', { kind: 'config', name });
  }

  get isBound(): boolean {
    return this.#runtime !== undefined;
  }

  names(): string[] {
    const { secrets } = this.#bound('their names');
    return [...secrets]
      .filter(({ requested, live }) => requested === undefined && live.current)
      .map(({ live }) => live.name)
      .filter((name) => !isUnshown(name));
  }

  /** What `Object.keys`, spread, clones and serializers ask for; they leave out what is not enumerable. */
  keys(): string[] {
    if (!this.#toldOfKeys) {
      this.#toldOfKeys = true;
      guardedLogger(new Logger('HcpVaultModule')).debug(
        `The keys of the secrets of "${this.connection}" in ConfigService were asked for. They are not enumerable, so that spread, Object.keys, clones and serializers get none: secretNames(view) gives the names.`,
      );
    }
    return this.isBound ? this.names() : [];
  }

  has(name: string): boolean {
    return !isUnshown(name) && this.#runtime?.secrets.find(name)?.live.current !== undefined;
  }

  /** The current value; undefined where there is none of that name, as ConfigService has it. */
  read(name: string): unknown {
    const found = this.#bound(`"${name}"`).secrets.find(name);
    if (!found || found.live.state === 'unloaded' || found.live.state === 'missing') return undefined;
    found.pin();
    const value = readCell(found.live.cell);
    this.#audited?.(found);
    return value;
  }

  #bound(what: string): SecretRuntime {
    if (this.#runtime) return this.#runtime;
    throw new SecretNotLoadedError(`secrets were read through ConfigService (${what}) before they were loaded.`, {
      connection: this.connection,
      advice: adviceFor(this.connection),
    });
  }

  static {
    hideInOutput(ViewTarget.prototype, (self) => `[secrets ${self.connection}]`);
  }
}

/** The one line to add, and what else it may be. */
function adviceFor(connection: string): string {
  const isDefault = connection === 'default';
  const token = isDefault ? 'HcpVaultClient' : `getClientToken(${JSON.stringify(connection)})`;
  const options = isDefault ? '…' : `{ connection: ${JSON.stringify(connection)}, … }`;
  return `Let Nest wait for them, with one more token where ConfigService is injected: \`inject: [ConfigService, ${token}]\` of the factory, or the same in the constructor; or read them in onModuleInit. Where the app has no HcpVaultModule for this connection, nothing loads them: import HcpVaultModule.forRoot(${options}).`;
}

/**
 * A read-only object that always shows a connection's current secrets by name. Nothing of it is enumerable; its JSON is the list of names.
 * `secretNames` gives the names.
 */
export type SecretsView = Readonly<Record<string, unknown>>;

/** What Nest asks every object for, secrets or not, also before there are any. */
const ASKED_OF_EVERYTHING = new Set([
  'onModuleInit',
  'onApplicationBootstrap',
  'onModuleDestroy',
  'beforeApplicationShutdown',
  'onApplicationShutdown',
]);

const targets = sharedByCopies('view-targets', () => new WeakMap<object, ViewTarget>());

/** Throws SecretConfigurationError. @param key the secret that was to be written; none for the whole of a namespace. */
export function refuseWriting(connection: string, key?: string | symbol): never {
  const call = typeof key === 'string' ? `client.update(${JSON.stringify(key)}, value)` : 'client.update(name, value)';
  throw new SecretConfigurationError(`its namespace in ConfigService is read-only: write by \`${call}\`.`, {
    connection,
  });
}

/** Makes a view that shows nothing until it is bound. */
export function createView(connection: string): SecretsView {
  const target = new ViewTarget(connection);
  const has = (key: string | symbol): boolean => typeof key === 'string' && target.has(key);
  const view = new Proxy(target, {
    get(_, key, receiver) {
      if (typeof key === 'symbol') return Reflect.get(target, key, target) as unknown;
      if (has(key)) return target.read(key);
      if (key === 'toJSON') return () => (target.isBound ? target.names() : []);
      if (key === 'toString') return () => `[secrets ${connection}]`;
      if (isUnshown(key)) return Reflect.get(Object.prototype, key, receiver) as unknown;
      return !target.isBound && ASKED_OF_EVERYTHING.has(key) ? undefined : target.read(key);
    },
    has: (_, key) => has(key) || key in Object.prototype,
    ownKeys: () => target.keys(),
    getOwnPropertyDescriptor: (_, key) =>
      // An accessor: who prints descriptors prints no value. Configurable, as a Proxy has to say of what its target has not.
      has(key) ? { configurable: true, enumerable: false, get: () => target.read(key as string) } : undefined,
    // Thrown, for who writes may not be in strict mode: false would be passed over, and ConfigService.set of @nestjs/config 4 goes on to `process.env`.
    set: (_, key) => refuseWriting(connection, key),
    defineProperty: (_, key) => refuseWriting(connection, key),
    deleteProperty: (_, key) => refuseWriting(connection, key),
    setPrototypeOf: () => false,
    preventExtensions: () => false, // a frozen target would have to have what the view shows
    getPrototypeOf: () => Object.prototype,
  });
  targets.set(view, target);
  return view as unknown as SecretsView;
}

/**
 * The names that a view shows, in the order in which they were loaded.
 * Throws SecretNotLoadedError before they are loaded, and SecretConfigurationError for what is not a view.
 */
export function secretNames(view: SecretsView): string[] {
  const names = (view as unknown as Record<symbol, (() => string[]) | undefined> | null | undefined)?.[namesSymbol];
  if (typeof names === 'function') return names();
  throw new SecretConfigurationError(
    "secretNames takes what ConfigService gives for the secrets' namespace: secretNames(config.get('secrets')).",
  );
}

/** Binds a view to a connection at work, under the name of its namespace. False where `candidate` is not a view of that connection, or is bound already. */
export function bindView(candidate: unknown, runtime: SecretRuntime, namespace: string): boolean {
  const target = typeof candidate === 'object' && candidate !== null ? targets.get(candidate) : undefined;
  if (!target || target.isBound || target.connection !== runtime.connection) return false;
  target.bind(runtime, namespace);
  return true;
}

/** True for a view of this connection that waits to be bound. */
export function awaitsBinding(candidate: unknown, connection: string): boolean {
  const target = typeof candidate === 'object' && candidate !== null ? targets.get(candidate) : undefined;
  return target !== undefined && !target.isBound && target.connection === connection;
}

/** Whose view it is; undefined for what is not a view. */
export function connectionOf(candidate: unknown): string | undefined {
  return typeof candidate === 'object' && candidate !== null ? targets.get(candidate)?.connection : undefined;
}
