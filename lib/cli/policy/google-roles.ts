import type { NeededSecret } from './needed-secret.js';
import type { PolicyWishes, PrintedPolicy } from './policy-wishes.js';

const KIND = 'google-secret-manager';
const ACCESSOR = 'roles/secretmanager.secretAccessor';
const ADDER = 'roles/secretmanager.secretVersionAdder';
const VIEWER = 'roles/secretmanager.viewer';

/** The least that Google Secret Manager grants: a role on each secret, by commands of gcloud. */
export function googleRoles(needed: readonly NeededSecret[], wishes: PolicyWishes, project?: string): PrintedPolicy {
  const { principal = 'serviceAccount:APP@PROJECT.iam.gserviceaccount.com' } = wishes;
  const member = /^[a-zA-Z]+:/.test(principal) ? principal : `serviceAccount:${principal}`;
  const places = needed.flatMap((secret) => secret.places).filter(({ source }) => source === KIND);
  const lines = new Set<string>();
  const projects = new Set<string>();
  for (const { name, at = '' } of places) {
    const own = project ?? /^project "([^"(]+)"/.exec(at)?.[1] ?? 'PROJECT';
    const [, location] = /, location "([^"]+)"/.exec(at) ?? [];
    projects.add(own);
    const where = `--project=${quoted(own)}${location === undefined ? '' : ` --location=${quoted(location)}`}`;
    for (const role of wishes.write ? [ACCESSOR, ADDER] : [ACCESSOR]) {
      lines.add(`gcloud secrets add-iam-policy-binding ${quoted(name)} ${where} --member=${quoted(member)} --role=${role}`); // prettier-ignore
    }
  }
  for (const own of wishes.list ? projects : []) {
    lines.add(`gcloud projects add-iam-policy-binding ${quoted(own)} --member=${quoted(member)} --role=${VIEWER}`);
  }
  const notes = wishes.principal === undefined ? ['Give the service account by --principal.'] : [];
  return { text: [...lines].sort().map((line) => `${line}\n`).join(''), notes }; // prettier-ignore
}

/** For a POSIX shell. */
const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
