import type { SecretError } from '../errors/index.js';

/** What becomes of the token that a source has for its backend. */
export type SourceEventType =
  | 'logged-in'
  | 'login-failed'
  /** The credential for a login came in a wrapping token that was used or exchanged on the way: an alarm, told beside `login-failed`. */
  | 'wrapping-token-refused'
  | 'token-renewed'
  | 'token-renewal-failed'
  | 'token-revoked'
  | 'token-revocation-failed'
  /** The leases of `names` end with a token that was replaced: these are to be opened again. */
  | 'leases-ending'
  /** What a start obtained lives longer than a start that fails should leave behind: `reason` tells why it can't be shortened. */
  | 'token-outlives-start';

/** What a source says of its options at each start. `insecure`: what `allowInsecure` permits; `notice`: what an app may not know that it asked for. */
export type SourceNoticeType = 'insecure' | 'notice';

export const isNotice = (type: SourceEvent['type']): type is SourceNoticeType =>
  type === 'insecure' || type === 'notice';

/** Told by a source that has a session with its backend, or that has to say something of its options; holds no token. */
export interface SourceEvent {
  readonly type: SourceEventType | SourceNoticeType;
  /** The source’s kind. */
  readonly source: string;
  /** When the token ends, as known now; undefined where it does not, or nobody can tell. */
  readonly expiresAt?: Date | undefined;
  /** Of `leases-ending`. */
  readonly names?: readonly string[] | undefined;
  /** Of `token-outlives-start`, and of what is said of options: one sentence, without a token. */
  readonly reason?: string | undefined;
  /** Of `token-outlives-start`: true where the app has given the token, so that it is no news and no warning. */
  readonly isChosen?: boolean | undefined;
  /** Of what failed. */
  readonly error?: SecretError | undefined;
}
