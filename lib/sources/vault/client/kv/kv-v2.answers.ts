/** Of one version, in Vault's own words. */
export interface VaultKvVersion {
  readonly version: number;
  readonly created_time: string;
  /** When it was, or will be, deleted; empty for never. */
  readonly deletion_time: string;
  readonly destroyed: boolean;
}

export interface VaultKvVersionMetadata extends VaultKvVersion {
  readonly custom_metadata: Readonly<Record<string, string>> | null;
}

export interface VaultKvSecret<T> {
  readonly data: T;
  readonly metadata: VaultKvVersionMetadata;
}

export interface VaultKvMetadata {
  readonly cas_required: boolean;
  readonly created_time: string;
  readonly current_version: number;
  readonly custom_metadata: Readonly<Record<string, string>> | null;
  readonly delete_version_after: string;
  readonly max_versions: number;
  readonly oldest_version: number;
  readonly updated_time: string;
  readonly versions: Readonly<Record<string, Omit<VaultKvVersion, 'version'>>>;
}

export interface VaultKvMetadataUpdate {
  /** 0 leaves it to the engine. */
  readonly maxVersions?: number | undefined;
  /** Refuse writes without `cas`. */
  readonly casRequired?: boolean | undefined;
  /** How long versions live, e.g. `'72h'`; `'0s'` for ever. */
  readonly deleteVersionAfter?: string | undefined;
  readonly customMetadata?: Readonly<Record<string, string>> | undefined;
}

/** Of `patchMetadata`: what is left out stays. */
export interface VaultKvMetadataPatch extends Omit<VaultKvMetadataUpdate, 'customMetadata'> {
  /** Merged with what is there; null removes a key. */
  readonly customMetadata?: Readonly<Record<string, string | null>> | undefined;
}

export interface VaultKvConfiguration {
  readonly cas_required: boolean;
  readonly delete_version_after: string;
  readonly max_versions: number;
}
