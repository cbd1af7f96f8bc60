/** What `DATABASE` holds, below `values`. */
export interface Login {
  readonly username: string;
  readonly password: string;
}

/** What `AWS` holds, below `values`: issued for a while. */
export interface AccessKey {
  readonly access_key_id: string;
  readonly secret_access_key: string;
}

/** As HCP Vault Secrets gives what rotates, or is issued. */
export interface Issued<T> {
  readonly values: T;
}
