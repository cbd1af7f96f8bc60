import type { GivenProxy, TlsOptions } from '../../http/index.js';
import type { Credential } from './credential.js';

/** How to reach an API server, and as whom. */
export interface Cluster {
  readonly server: string;
  /** How the user knows `server`, for errors. */
  readonly serverOption: string;
  /** Reads files again each time. Throws SecretErrors. */
  readonly tls: () => TlsOptions;
  /** False takes any certificate. */
  readonly verify: boolean;
  readonly proxy: GivenProxy | undefined;
  /** Where its settings name one. */
  readonly namespace: string | undefined;
  readonly credential: Credential;
}
