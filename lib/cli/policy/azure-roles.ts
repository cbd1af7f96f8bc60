import type { NeededSecret } from './needed-secret.js';
import type { PolicyWishes, PrintedPolicy } from './policy-wishes.js';

const KIND = 'azure-key-vault';

/** The least that Key Vault's RBAC grants: a role definition with the data actions that are used, assigned on each secret, by commands of az. */
export function azureRoles(needed: readonly NeededSecret[], wishes: PolicyWishes, vaultId?: string): PrintedPolicy {
  const { principal = 'PRINCIPAL', list, write } = wishes;
  const places = needed.flatMap((secret) => secret.places).filter(({ source }) => source === KIND);
  const vaults = new Map<string, Set<string>>();
  for (const { name, at = '' } of places) {
    const scope = vaultId ?? `/subscriptions/SUBSCRIPTION/resourceGroups/GROUP/providers/Microsoft.KeyVault/vaults/${vaultIn(at)}`; // prettier-ignore
    vaults.set(scope, (vaults.get(scope) ?? new Set<string>()).add(name));
  }
  const definition = {
    Name: 'App secrets',
    Description: 'The least that the app needs; written by "nestjs-hcp-vault policy".',
    DataActions: [
      'Microsoft.KeyVault/vaults/secrets/getSecret/action',
      ...(write ? ['Microsoft.KeyVault/vaults/secrets/setSecret/action'] : []),
    ],
    AssignableScopes: [...vaults.keys()].sort(),
  };
  const lines = [
    `az role definition create --role-definition '${JSON.stringify(definition).replaceAll("'", "'\\''")}'`,
    ...[...vaults].flatMap(([scope, names]) =>
      [...names].sort().map((name) => assignment(principal, 'App secrets', `${scope}/secrets/${name}`)),
    ),
    // Names and properties of all secrets, no values: there is no narrower scope for a list.
    ...(list ? [...vaults.keys()].map((scope) => assignment(principal, 'Key Vault Reader', scope)) : []),
  ];
  const notes = [
    ...(wishes.principal === undefined ? ['Give the object ID of the identity by --principal.'] : []),
    ...(vaultId === undefined ? ['Give the resource ID of the vault by --vault-id, in place of SUBSCRIPTION and GROUP.'] : []), // prettier-ignore
    'The vault must use Azure RBAC; with access policies it is the secret permission Get, which can’t be narrowed to names.',
  ];
  return { text: lines.map((line) => `${line}\n`).join(''), notes };
}

const assignment = (principal: string, role: string, scope: string): string =>
  `az role assignment create --assignee-object-id ${quoted(principal)} --role ${quoted(role)} --scope ${quoted(scope)}`;

/** Of its address. */
const vaultIn = (at: string): string => /^https:\/\/([^./]+)\./.exec(at)?.[1] ?? 'VAULT';

/** For a POSIX shell. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
