import type { Finding } from './finding.js';
import { fail, ok, warn } from './finding.js';
import type { ServerAnswer } from './server-answer.js';

/** What is asked of a server that says how it is to everybody. */
export const statusPath = (kind: string): string => (kind === 'vault' ? '/v1/sys/health' : '/');

/** What the server says of itself. */
export function serverFindings(kind: string, answer: ServerAnswer | undefined): readonly Finding[] {
  if (kind !== 'vault' || answer?.status === undefined) return [];
  const { initialized, sealed, standby, version } = answer.json ?? {};
  if (typeof initialized !== 'boolean') {
    const remedy = 'Check the address: it may be that of a gateway, a proxy or another service.';
    return [warn('server', `what answers there does not speak as Vault does (HTTP ${answer.status}).`, remedy)];
  }
  if (!initialized) return [fail('server', 'this Vault is not initialized.', 'Run "vault operator init", or check the address.')]; // prettier-ignore
  if (sealed === true) return [fail('server', 'this Vault is sealed: it answers nobody.', 'Unseal it ("vault operator unseal"), or see why its auto-unseal fails.')]; // prettier-ignore
  const text = typeof version === 'string' && /^[\w.+-]{1,40}$/.test(version) ? ` ${version}` : '';
  return [ok('server', `Vault${text} is unsealed${standby === true ? ', a standby' : ''}.`)];
}
