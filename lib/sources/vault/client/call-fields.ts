import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { ownOptions } from '../../../core/options/own-options.js';

/** The top-level keys of a typed call as Vault spells them: `commonName` → `common_name`. Maps inside go untouched, and so does what is spelled Vault's way already. */
export function toFields(sent: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(sent).map(([name, value]) => [
      name.replace(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`),
      value as unknown,
    ]),
  );
}

/** What a body of PATCH is: keys to set, or to remove where they are null (RFC 7396). */
export const MERGE_PATCH = 'application/merge-patch+json';

/** The place of an engine or auth method. */
export interface MountOption {
  /** Without a slash at the end. @default the name that Vault itself gives this engine or method */
  readonly mount?: string | undefined;
}

export const MOUNT_OPTIONS: OptionKinds<MountOption> = { mount: 'text' };

/** The mount that a call is given, or the usual one. Throws SecretConfigurationError for any other option. */
export function mountOf(options: MountOption | undefined, usual: string, call: string): string {
  return ownOptions(options, MOUNT_OPTIONS, call).mount ?? usual;
}
