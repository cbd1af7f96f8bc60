import type { AnnouncedChange } from '../../core/source/change-listener.js';
import type { Results } from '../../core/source/each-name.js';
import type { ReadContext, WriteContext } from '../../core/source/secret-source.js';
import type { NameRules } from '../../core/secret/secret-name.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { HeldChange } from './watch/held-secrets.js';

/** How an app's names lead to Secrets: each to one, or each to a key of one. */
export interface SecretNames {
  /** What names there can be. */
  readonly rules: NameRules;
  /** Where a name leads, as people know the place. */
  placeOf(name: string): string;
  read(names: readonly string[], context: ReadContext): Promise<Results>;
  readAll(context: ReadContext): Promise<Results>;
  list(prefix: string, context: ReadContext): Promise<readonly string[]>;
  exists(name: string, context: ReadContext): Promise<boolean>;
  write(name: string, value: SecretValue, context: WriteContext): Promise<void>;
  /** Names for what was announced elsewhere: a Secret's name, or `namespace/name`. */
  namesOf(announced: string): readonly string[];
  /** The names whose values may have changed with a Secret. */
  announced(change: HeldChange): readonly AnnouncedChange[];
}
