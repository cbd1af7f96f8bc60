import { UsageError } from '../usage-error.js';
import type { NeededSecret } from './needed-secret.js';
import type { PolicyWishes, PrintedPolicy } from './policy-wishes.js';

/** Capabilities of a path, in the order in which Vault's documentation has them. */
const ORDER = ['create', 'read', 'update', 'patch', 'list', 'subscribe'] as const;
type Capability = (typeof ORDER)[number];

/**
 * The least policy of Vault and OpenBao for these secrets: no more paths than are asked for, and what its own token needs where that has no policy
 * `default`.
 */
export function vaultPolicy(needed: readonly NeededSecret[], wishes: PolicyWishes): PrintedPolicy {
  const rights = new Map<string, Set<Capability>>();
  const allow = (path: string, ...capabilities: Capability[]): void => {
    const known = rights.get(path) ?? new Set<Capability>();
    rights.set(path, known);
    for (const capability of capabilities) known.add(capability);
  };
  const notes = new Set<string>();
  for (const secret of needed) {
    for (const { asked } of secret.places)
      for (const request of asked ?? []) allowRequest(secret, request, allow, wishes);
    if (secret.places.every(({ asked = [] }) => asked.length === 0)) {
      throw new UsageError(
        `the status does not tell what is asked of Vault for "${secret.name}": give --source vault:… too.`,
      );
    }
    for (const request of secret.places.flatMap(({ asked = [] }) => asked).filter(isKvOne)) {
      notes.add(
        `${request}: where it is a KV engine of version 1, set \`version: 1\` in the app, which else asks as of version 2 first.`,
      );
    }
  }
  const paths = [...rights].sort(([one], [other]) => (one < other ? -1 : 1));
  const secrets = paths.map(([path, capabilities]) => rule(path, ORDER.filter((one) => capabilities.has(one)))); // prettier-ignore
  const isLeased = needed.some(
    (secret) => secret.isLeased ?? secret.places.some(({ asked = [] }) => asked.some(isIssuing)),
  );
  return { text: [HEAD, ...secrets, ...(isLeased ? LEASES : []), ...OWN_TOKEN].join('\n'), notes: [...notes] };
}

const HEAD = '# The least that the app needs; written by "nestjs-hcp-vault policy".\n';

const LEASES = [
  '# Extends leases, and ends those of credentials that were replaced or are not needed any more.',
  rule('sys/leases/renew', ['update']),
  rule('sys/leases/revoke', ['update']),
];

const OWN_TOKEN = [
  '# Its own token; where the policy "default" goes with this one, these may be left out.',
  rule('auth/token/lookup-self', ['read']),
  rule('auth/token/renew-self', ['update']),
  rule('auth/token/revoke-self', ['update']),
];

function rule(path: string, capabilities: readonly string[]): string {
  const list = capabilities.map((capability) => JSON.stringify(capability)).join(', ');
  return `path ${JSON.stringify(path)} {\n  capabilities = [${list}]\n}\n`;
}

const isIssuing = (request: string): boolean => /^[A-Z]+ (?:[^/]+\/)+(?:creds|sts|issue)\/[^/]+$/.test(request);

/** What is read as KV of the first version is: neither below `data/`, nor issued, nor of a static role. */
const isKvOne = (request: string): boolean =>
  request.startsWith('GET ') &&
  !request.includes('/data/') &&
  !isIssuing(request) &&
  !request.includes('/static-creds/');

function allowRequest(
  { name }: NeededSecret,
  request: string,
  allow: (path: string, ...capabilities: Capability[]) => void,
  wishes: PolicyWishes,
): void {
  const [, method, path = ''] = /^([A-Z]+) (.+)$/s.exec(request) ?? [];
  if (!canBeExact(path)) {
    throw new UsageError(
      `a policy can't name the path of "${name}" exactly: *, +, {{ }} and $\{ mean others there too, and what can't be printed is lost.`,
    );
  }
  if (method !== 'GET') return allow(path, 'update');
  allow(path, 'read');
  const [, mount, within] = /^(.*?)\/data\/(.+)$/s.exec(path) ?? [];
  const isKv = mount !== undefined || isKvOne(request);
  if (!isKv) return;
  const folder = (within ?? path).slice(0, (within ?? path).lastIndexOf('/') + 1);
  // A folder's name ends with a slash when it is listed by a policy, and without when it is asked for: Vault takes either.
  if (wishes.list) allow(mount === undefined ? folder : `${mount}/metadata/${folder}`, 'list');
  if (wishes.write) allow(path, 'create', 'update', ...(mount === undefined ? [] : (['patch'] as const)));
}

/**
 * In a policy's path a star at the end, a plus as a segment, and double braces stand for something else; `${` opens what HCL reads on to the next brace,
 * over quotes and lines. What was made printable is another path than is asked for.
 */
const canBeExact = (path: string): boolean =>
  path !== '' && !path.endsWith('*') && !path.split('/').includes('+') && !/\{\{|\$\{|\ufffd/.test(path);
