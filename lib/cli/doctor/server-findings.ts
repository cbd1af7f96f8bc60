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
    return [warn('server', `what answers there does not speak as Vault and OpenBao do (HTTP ${answer.status}).`, remedy)]; // prettier-ignore
  }
  const { name, command } = productOf(answer.json ?? {});
  if (!initialized) return [fail('server', `it is not initialized (${name}).`, `Run ${command('operator init')}, or check the address.`)]; // prettier-ignore
  if (sealed === true) return [fail('server', `it is sealed, and answers nobody (${name}).`, `Unseal it (${command('operator unseal')}), or see why its auto-unseal fails.`)]; // prettier-ignore
  const text = typeof version === 'string' && /^[\w.+-]{1,40}$/.test(version) ? ` ${version}` : '';
  return [ok('server', `${name}${text} is unsealed${standby === true ? ', a standby' : ''}.`)];
}

interface Product {
  readonly name: string;
  /** Quoted, as its own command line has it. */
  readonly command: (words: string) => string;
}

const VAULT: Product = { name: 'Vault', command: (words) => `"vault ${words}"` };
const OPENBAO: Product = { name: 'OpenBao', command: (words) => `"bao ${words}"` };
const EITHER: Product = { name: 'Vault or OpenBao', command: (words) => `"vault ${words}" or "bao ${words}"` };

/** Neither says its name: Vault tells since 1.16 whether it is of the Enterprise edition, which OpenBao never does, whose versions begin with 2. */
function productOf({ enterprise, version }: Readonly<Record<string, unknown>>): Product {
  if (typeof enterprise === 'boolean') return VAULT;
  const [, major] = (typeof version === 'string' && /^(\d{1,3})\./.exec(version)) || [];
  if (major === undefined) return EITHER;
  return Number(major) < 2 ? VAULT : OPENBAO;
}
