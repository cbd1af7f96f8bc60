import type { PushChannel } from '../../../core/source/push-channel.js';
import { VaultEventsChannel } from './vault-events.channel.js';
import type { VaultEventsOptions } from './vault-events.options.js';

export type { VaultEventsOptions } from './vault-events.options.js';

/**
 * Changes as Vault Enterprise (1.16 and newer) and HCP Vault Dedicated tell them by websocket, for the option `push` of HcpVaultModule, with the login of a
 * source. Other Vaults and OpenBao have no such events: that is told once, and the regular refresh goes on.
 * Throws SecretConfigurationError for options that can't be meant.
 */
export const vaultEvents = (options: VaultEventsOptions): PushChannel => new VaultEventsChannel(options);
