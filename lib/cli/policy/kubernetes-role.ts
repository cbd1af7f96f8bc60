import type { NeededSecret } from './needed-secret.js';
import type { PolicyWishes, PrintedPolicy } from './policy-wishes.js';

const KIND = 'kubernetes';

/** The least Role of each namespace for these Secrets, and its binding. Each Secret is watched by itself then. */
export function kubernetesRole(
  needed: readonly NeededSecret[],
  wishes: PolicyWishes,
  namespace?: string,
): PrintedPolicy {
  const byNamespace = new Map<string, Set<string>>();
  for (const { name, at } of needed.flatMap(({ places }) => places).filter(({ source }) => source === KIND)) {
    const own = namespace ?? /, namespace "([^"]+)"$/.exec(at ?? '')?.[1] ?? 'default';
    const secrets = byNamespace.get(own) ?? new Set<string>();
    byNamespace.set(own, secrets.add(name.replace(/, key ".*"$/s, '')));
  }
  const parts = [...byNamespace].sort().map(([own, secrets]) => documents(own, [...secrets].sort(), wishes));
  const notes = wishes.principal === undefined ? ['The binding is to the service account "default": give another by --principal.'] : []; // prettier-ignore
  return { text: parts.join('---\n'), notes };
}

function documents(
  namespace: string,
  secrets: readonly string[],
  { list, write, principal = 'default' }: PolicyWishes,
): string {
  const [account, accountNamespace = namespace] = principal.split('/').reverse() as [string, string?];
  // `list` with names covers lists that ask for one name; a list of all needs a rule of its own, which lets read every value of the namespace.
  const verbs = `[get, list, watch${write ? ', patch' : ''}]`;
  const all = list ? `  - apiGroups: ['']\n    resources: [secrets]\n    verbs: [list, watch]\n` : '';
  return `apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: { name: app-secrets, namespace: ${text(namespace)} }
rules:
  - apiGroups: ['']
    resources: [secrets]
    resourceNames: [${secrets.map(text).join(', ')}]
    verbs: ${verbs}
${all}---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: app-secrets, namespace: ${text(namespace)} }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: app-secrets }
subjects: [{ kind: ServiceAccount, name: ${text(account)}, namespace: ${text(accountNamespace)} }]
`;
}

/** Names as YAML would take for numbers or booleans are text. */
const text = (name: string): string => (/^[a-z][a-z0-9-]*$/.test(name) && !/^(?:true|false|yes|no|on|off|null|y|n)$/.test(name) ? name : JSON.stringify(name)); // prettier-ignore
