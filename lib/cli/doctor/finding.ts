/** What was looked at, in the order in which a request needs it. */
export type CheckName =
  | 'settings'
  | 'environment'
  | 'proxy'
  | 'DNS'
  | 'reachable'
  | 'TLS'
  | 'clock'
  | 'server'
  | 'credentials'
  | 'rights'
  | 'quota'
  | 'list'
  | 'read';

export interface Finding {
  readonly check: CheckName;
  readonly outcome: 'ok' | 'warn' | 'fail' | 'skipped';
  /** One sentence: what is so. Never a value or a token. */
  readonly says: string;
  /** One sentence: what to do about it. */
  readonly remedy?: string;
}

export const ok = (check: CheckName, says: string): Finding => ({ check, outcome: 'ok', says });
export const warn = (check: CheckName, says: string, remedy: string): Finding => ({ check, outcome: 'warn', says, remedy }); // prettier-ignore
export const fail = (check: CheckName, says: string, remedy: string): Finding => ({ check, outcome: 'fail', says, remedy }); // prettier-ignore
export const skipped = (check: CheckName, says: string): Finding => ({ check, outcome: 'skipped', says });
