import { VaultAuthentication } from '../../../../lib/sources/vault/auth/authentication.js';
import { TokenRevoker } from '../../../../lib/sources/vault/auth/token.revoker.js';
import { VaultSessions } from '../../../../lib/sources/vault/auth/vault.sessions.js';
import type { VaultClient } from '../../../../lib/sources/vault/index.js';
import type { SourceEvent } from '../../../../lib/core/source/source-event.js';
import { FakeClock, settled } from '../../../support/fake-clock.js';

export const HOUR = 3_600_000;
export const hours = (times: readonly number[]) => times.map((at) => Math.round((at / HOUR) * 100) / 100);

interface Plays {
  /** Seconds of a login’s token; 0 never ends. */
  readonly ttl?: number;
  readonly renewable?: boolean;
  /** Seconds that the nth renewal grants, which asks for so many. @default the whole life */
  readonly renew?: (times: number, asked: number) => number;
  /** What a renewal waits for. */
  readonly during?: () => Promise<void> | undefined;
  readonly login?: (times: number) => void;
  /** What a revocation waits for. */
  readonly revoke?: () => Promise<void>;
  readonly given?: boolean;
  readonly type?: 'service' | 'batch';
  readonly revokeOld?: boolean;
  readonly needed?: boolean;
}

/** Tokens whose Vault is played, so that hours pass at once. */
export function play({
  ttl = 3600,
  renewable = true,
  renew,
  during,
  login,
  revoke,
  given,
  type = 'service',
  revokeOld = false,
  needed = true,
}: Plays = {}) {
  const clock = new FakeClock();
  const events: SourceEvent[] = [];
  const emit = (event: SourceEvent) => void events.push(event);
  const log = {
    logins: [] as number[],
    renewals: [] as number[],
    asked: [] as string[],
    revoked: [] as string[],
    replaced: 0,
  };
  const client = (own?: string): VaultClient => {
    const self = {
      token: own,
      /** Calls with a token of their own. */
      scoped: ({ token }: { token?: string }) => client(token ?? self.token),
      reopen: () => undefined,
      isAuthenticated: () => Promise.resolve(true),
      auth: {
        token: {
          lookupSelf: () => Promise.resolve({ data: { ttl, renewable } }),
          revokeSelf: async () => {
            log.revoked.push(self.token ?? '');
            await revoke?.();
          },
          renewSelf: async ({ increment }: { increment: string }) => {
            log.renewals.push(clock.now());
            log.asked.push(increment);
            const granted = renew?.(log.renewals.length, parseInt(increment)) ?? ttl;
            await settled(1);
            await during?.();
            return { auth: { lease_duration: granted, renewable } };
          },
        },
      },
    };
    return self as unknown as VaultClient;
  };
  const loginClient = client();
  const authentication = VaultAuthentication.of('a play', async () => {
    log.logins.push(clock.now());
    login?.(log.logins.length);
    await settled(1);
    const token = `t${log.logins.length}`;
    if (given) return 'given';
    loginClient.token = token;
    return { auth: { client_token: token, lease_duration: ttl, renewable, token_type: type } };
  });
  const revoker = new TokenRevoker({ loginClient, clock, revokeOnClose: true, revokeOld, emit });
  const sessions = new VaultSessions({
    client: client(),
    loginClient,
    authentication,
    revoker,
    clock,
    random: () => 0.3, // 67 % + 3 %
    emit,
    onReplaced: () => (log.replaced += 1),
    isNeeded: () => needed,
  });
  const acquire = () => sessions.acquire(new AbortController().signal);
  return { clock, log, events, sessions, acquire };
}
