import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { needed } from '../../../core/options/option-kinds.js';
import type { VaultSource } from '../source/vault.source.js';

export interface VaultEventsOptions {
  /** What `vault({ … })` gave: its address, namespace, login and TLS are those of the events. */
  readonly source: VaultSource;
  /** Types of events to subscribe to, `*` standing for anything; each has a connection of its own. @default ['*'] */
  readonly types?: readonly string[] | undefined;
  /** Vault's own filter expression, e.g. `data_path matches "^secret/data/app/"`. @default none */
  readonly filter?: string | undefined;
  /** Patterns of namespaces below the source's own whose events come too. @default none */
  readonly namespaces?: readonly string[] | undefined;
}

export const VAULT_EVENTS_OPTIONS: OptionKinds<VaultEventsOptions> = {
  source: needed('any'),
  types: 'texts',
  filter: 'text',
  namespaces: 'texts',
};
