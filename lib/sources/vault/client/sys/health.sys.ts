import type { VaultResponse } from '../vault.answer.js';
import { isObject } from '../vault.answer.js';
import { VaultPath } from '../vault-path.js';
import type { VaultRequester } from '../wire/vault.requester.js';

export interface VaultHealthData {
  readonly initialized: boolean;
  readonly sealed: boolean;
  readonly standby: boolean;
  readonly performance_standby?: boolean;
  readonly replication_performance_mode?: string;
  readonly replication_dr_mode?: string;
  readonly server_time_utc?: number;
  readonly version: string;
  readonly cluster_name?: string;
  readonly cluster_id?: string;
}

/** What each status of `sys/health` means. */
const STATES = {
  200: 'active',
  429: 'standby',
  472: 'dr-secondary',
  473: 'performance-standby',
  501: 'not-initialized',
  503: 'sealed',
} as const;

export type VaultHealthStatus = keyof typeof STATES;
export type VaultHealthState = (typeof STATES)[VaultHealthStatus];

export interface VaultHealthResponse extends VaultResponse<VaultHealthData> {
  /** The HTTP status. */
  readonly status: VaultHealthStatus;
  /** The same in a word. */
  readonly state: VaultHealthState;
}

/** `GET sys/health`: every state is an answer, also sealed and not initialised. */
export async function readHealth(requester: VaultRequester): Promise<VaultHealthResponse> {
  const { status, response } = await requester.answer<VaultHealthData>({
    path: VaultPath.of('sys/health'),
    token: false,
    root: true,
    unwrapped: true,
    // A proxy's 429 or 503 has another body, and is an error.
    accepts: (code, body) => code in STATES && isObject(body) && 'sealed' in body,
  });
  return { ...response, status: status as VaultHealthStatus, state: STATES[status as VaultHealthStatus] };
}
