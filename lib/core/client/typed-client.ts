import { HcpVaultClient as Client } from './hcp-vault-client.js';
import { clientClasses } from './client-classes.js';
import type { SecretRuntime } from './secret-runtime.js';

/**
 * The cached client of one connection: reads from memory, and from the source where it must. Shows no value when it is printed.
 * `HcpVaultClient` is that of the connection "default"; `HcpVaultClient<'reports'>` is typed by what `ConnectionSecretTypes` says of "reports".
 */
export type HcpVaultClient<C extends string = 'default'> = Client<C>;

/** The class, typed as the token of the connection "default": of a generic class `app.get` would infer a client of any connection. */
export const HcpVaultClient: new (runtime: SecretRuntime) => HcpVaultClient = Client;

// Where there is a second copy of this package, its class is another one.
clientClasses.announce(Client, Client);
