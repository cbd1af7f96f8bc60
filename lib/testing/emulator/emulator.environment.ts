import { inspectSymbol } from '../../core/redaction.js';
import type { CompleteSeed } from './emulator.seed.js';

/** The variables that HashiCorp's clients and `hcpVaultSecrets()` read. `HCP_APP_ID` is there where there is one app. */
export type HcpEnvironment = Record<string, string> & {
  HCP_CLIENT_ID: string;
  HCP_CLIENT_SECRET: string;
  HCP_ORGANIZATION_ID: string;
  HCP_PROJECT_ID: string;
  /** host:port, without a scheme */
  HCP_API_ADDRESS: string;
  HCP_API_TLS: string;
  HCP_AUTH_URL: string;
  HCP_AUTH_TLS: string;
};

/** Where the emulator is to be reached. */
export interface EmulatorOrigin {
  readonly address: string;
  readonly url: string;
  readonly tls: boolean;
}

/** A plain record, to be spread and stored; only its inspection hides the client secret. */
export function environmentOf(seed: CompleteSeed, apps: readonly string[], origin: EmulatorOrigin): HcpEnvironment {
  const mode = origin.tls ? 'insecure' : 'disabled';
  const environment: HcpEnvironment = {
    HCP_CLIENT_ID: seed.clientId,
    HCP_CLIENT_SECRET: seed.clientSecret,
    HCP_ORGANIZATION_ID: seed.organizationId,
    HCP_PROJECT_ID: seed.projectId,
    HCP_API_ADDRESS: origin.address,
    HCP_API_TLS: mode,
    HCP_AUTH_URL: origin.url,
    HCP_AUTH_TLS: mode,
    ...(apps.length === 1 && apps[0] !== undefined && { HCP_APP_ID: apps[0] }),
  };
  const shown = () => `[HcpEnvironment ${Object.keys(environment).join(', ')}]`;
  return Object.defineProperty(environment, inspectSymbol, { value: shown, enumerable: false });
}
