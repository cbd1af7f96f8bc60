import type { KeyVaultSecrets, Properties } from './key-vault.state.js';

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

type Refused = { readonly error: readonly [status: number, code: string, message: string, inner?: string] };
export type Answer = { readonly status?: number; readonly body?: unknown } | Refused;

const refused = (...error: Refused['error']): Refused => ({ error });

const API_VERSIONS = ['7.4', '7.5', '7.6', '2025-07-01', '2026-04-01'];
const NAME = /^[0-9a-zA-Z-]{1,127}$/;
const MOST_BYTES = 25 * 1024;

const missing = (name: string): Refused =>
  refused(404, 'SecretNotFound', `A secret with (name/id) ${name} was not found in this key vault.`);
const bad = (message: string): Refused => refused(400, 'BadParameter', message);

/** What the service says, the caller being known. */
export function answerOf(asked: Asked, secrets: KeyVaultSecrets, denied: ReadonlySet<string>): Answer {
  const { method, query } = asked;
  const version = query.get('api-version');
  if (version === null) return bad('api-version must be specified');
  if (!API_VERSIONS.includes(version)) return bad(`The specified version (${version}) is not recognized.`);
  const [collection, name, third, ...rest] = asked.path.slice(1).split('/').map(decodeURIComponent);
  if (rest.length > 0 || (collection !== 'secrets' && collection !== 'deletedsecrets')) return missing(asked.path);
  if (name !== undefined && !NAME.test(name)) return bad(`The request URI contains an invalid name: ${name}`);
  const way = `${method} ${collection}${name === undefined ? '' : '/NAME'}${third === undefined ? '' : third === 'versions' || third === 'recover' ? `/${third}` : '/VERSION'}`;
  const route = ROUTES[way];
  if (!route) return refused(405, 'MethodNotAllowed', 'The method is not allowed.');
  const [permission, answer] = route;
  if (denied.has(permission)) {
    const message = `Caller is not authorized to perform action on resource. Caller: appid=canary-app-id. Action: 'Microsoft.KeyVault/vaults/secrets/${permission}/action'`;
    return refused(403, 'Forbidden', message, 'ForbiddenByRbac');
  }
  return answer({ ...asked, name: name ?? '', id: third }, secrets);
}

type Named = Asked & { readonly name: string; readonly id: string | undefined };
type Route = readonly [permission: string, answer: (asked: Named, secrets: KeyVaultSecrets) => Answer];

const ROUTES: Readonly<Record<string, Route>> = {
  'GET secrets': [
    'list',
    (asked, secrets) =>
      page(asked, secrets, secrets.live.map((one) => secrets.shown(one, one.versions.at(-1)!, { withVersion: false }))), // prettier-ignore
  ],
  'GET secrets/NAME': ['get', get],
  'GET secrets/NAME/VERSION': ['get', get],
  'GET secrets/NAME/versions': [
    'list',
    (asked, secrets) => {
      const found = secrets.find(asked.name);
      return page(asked, secrets, found?.versions.map((version) => secrets.shown(found, version)) ?? []);
    },
  ],
  'PUT secrets/NAME': ['set', put],
  'PATCH secrets/NAME/VERSION': ['set', patch],
  'PATCH secrets/NAME': ['set', patch],
  'DELETE secrets/NAME': [
    'delete',
    ({ name }, secrets) => {
      const deleted = secrets.delete(name);
      return deleted ? { body: secrets.shownDeleted(deleted, true) } : missing(name);
    },
  ],
  'GET deletedsecrets': [
    'list',
    (asked, secrets) => page(asked, secrets, [...secrets.deleted.values()].map((one) => secrets.shownDeleted(one, false))), // prettier-ignore
  ],
  'GET deletedsecrets/NAME': [
    'get',
    ({ name }, secrets) => {
      const found = secrets.deleted.get(name.toLowerCase());
      return found ? { body: secrets.shownDeleted(found, true) } : missing(name);
    },
  ],
  'POST deletedsecrets/NAME/recover': [
    'recover',
    ({ name }, secrets) => {
      const found = secrets.restore(name);
      return found ? { body: secrets.shown(found, found.versions.at(-1)!) } : missing(name);
    },
  ],
  'DELETE deletedsecrets/NAME': [
    'purge',
    ({ name }, secrets) => (secrets.deleted.delete(name.toLowerCase()) ? { status: 204 } : missing(name)),
  ],
};

function get({ name, id }: Named, secrets: KeyVaultSecrets): Answer {
  const found = secrets.find(name);
  const version = found && secrets.version(found, id);
  if (!found || !version) {
    const hint = secrets.deleted.has(name.toLowerCase())
      ? ' If you recently deleted this secret you may be able to recover it using the correct recovery command.'
      : '';
    return refused(404, 'SecretNotFound', `A secret with (name/id) ${name} was not found in this key vault.${hint}`);
  }
  if (version.attributes?.enabled === false) {
    return refused(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', 'SecretDisabled');
  }
  return { body: secrets.shown(found, version, { withValue: true }) };
}

function put({ name, body }: Named, secrets: KeyVaultSecrets): Answer {
  const given = parsed(body);
  if (typeof given?.value !== 'string') return bad('Property value has invalid value');
  if (Buffer.byteLength(given.value) > MOST_BYTES) return bad('The secret value exceeds the maximum size.');
  if (secrets.deleted.has(name.toLowerCase())) {
    const message = `Secret ${name} is currently in a deleted but recoverable state, and its name cannot be reused`;
    return refused(409, 'Conflict', message, 'ObjectIsDeletedButRecoverable');
  }
  const version = secrets.set(name, given.value, given);
  return { body: secrets.shown(secrets.find(name)!, version, { withValue: true }) };
}

function patch({ name, id, body }: Named, secrets: KeyVaultSecrets): Answer {
  const given = parsed(body);
  if (!given) return bad('The body is not JSON.');
  const { contentType, tags, attributes } = given;
  const changed = secrets.change(name, id, {
    ...(contentType !== undefined && { contentType }),
    ...(tags !== undefined && { tags }),
    ...(attributes !== undefined && { attributes }),
  });
  return changed ? { body: secrets.shown(secrets.find(name)!, changed) } : missing(name);
}

/** A part of a list, with the link to the next on the vault's own origin. */
function page({ path, query }: Asked, secrets: KeyVaultSecrets, items: readonly object[]): Answer {
  const size = Number(query.get('maxresults') ?? secrets.pageSize);
  if (!Number.isInteger(size) || size < 1 || size > secrets.pageSize) {
    return bad(`maxresults must be between 1 and ${secrets.pageSize}`);
  }
  const start = Number(Buffer.from(query.get('$skiptoken') ?? '', 'base64url').toString() || 0);
  const next = start + size;
  const token = Buffer.from(String(next)).toString('base64url');
  const link = `${secrets.origin}${path}?api-version=${query.get('api-version')}&$skiptoken=${token}&maxresults=${size}`;
  return { body: { value: items.slice(start, next), nextLink: next < items.length ? link : null } };
}

function parsed(body: string): (Properties & { value?: unknown }) | undefined {
  try {
    const given: unknown = JSON.parse(body);
    return typeof given === 'object' && given !== null ? given : undefined;
  } catch {
    return undefined;
  }
}
