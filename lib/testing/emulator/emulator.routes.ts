import type { EmulatedSecret, VersionedSecret } from './emulated-secret.js';
import type { PageSizes } from './emulator.paging.js';
import { pageOf } from './emulator.paging.js';
import type { EmulatorState } from './emulator.state.js';
import {
  appView,
  openDynamicView,
  openSecretView,
  openVersionView,
  secretView,
  versionsView,
} from './emulator.wire.js';
import { RpcError } from './rpc-error.js';

/** What the calls of the API work on. */
export interface EmulatedProject {
  readonly organizationId: string;
  readonly projectId: string;
  readonly state: EmulatorState;
  readonly pageSizes: PageSizes;
}

/** One call: `param` gives a segment of the path, `json` the body as an object. */
export interface ApiCall {
  readonly project: EmulatedProject;
  readonly query: URLSearchParams;
  readonly param: (name: string) => string;
  readonly json: () => Readonly<Record<string, unknown>>;
}

export interface Route {
  readonly method: string;
  /** Behind the project; `{name}` is one segment, and `:verb` ends the last one. */
  readonly path: string;
  answer(call: ApiCall): object;
}

const TYPES: readonly EmulatedSecret['type'][] = ['kv', 'rotating', 'dynamic'];

/** The calls of API version 2023-11-28 that concern apps and their secrets. */
export const routes: readonly Route[] = [
  { method: 'GET', path: 'apps', answer: listApps },
  { method: 'POST', path: 'apps', answer: createApp },
  { method: 'GET', path: 'apps/{app}', answer: (call) => ({ app: viewApp(call, call.param('app')) }) },
  { method: 'DELETE', path: 'apps/{app}', answer: deleteApp },
  { method: 'GET', path: 'apps/{app}/secrets', answer: (call) => listSecrets(call, secretView) },
  {
    method: 'GET',
    path: 'apps/{app}/secrets:open',
    answer: (call) => listSecrets(call, (secret) => open(call, secret)),
  },
  { method: 'GET', path: 'apps/{app}/secrets/{secret}', answer: (call) => ({ secret: secretView(secretOf(call)) }) },
  {
    method: 'GET',
    path: 'apps/{app}/secrets/{secret}:open',
    answer: (call) => ({ secret: open(call, secretOf(call)) }),
  },
  { method: 'DELETE', path: 'apps/{app}/secrets/{secret}', answer: deleteSecret },
  { method: 'POST', path: 'apps/{app}/secrets/{secret}:rotate', answer: rotateSecret },
  { method: 'GET', path: 'apps/{app}/secrets/{secret}/versions', answer: (call) => listVersions(call, false) },
  { method: 'GET', path: 'apps/{app}/secrets/{secret}/versions:open', answer: (call) => listVersions(call, true) },
  { method: 'GET', path: 'apps/{app}/secrets/{secret}/versions/{version}:open', answer: openVersion },
  { method: 'POST', path: 'apps/{app}/secret/kv', answer: createStatic },
  { method: 'POST', path: 'apps/{app}/secret/kv:batch', answer: createStatics },
];

const secretOf = ({ project, param }: ApiCall): EmulatedSecret => project.state.secret(param('app'), param('secret'));

function viewApp({ project }: ApiCall, name: string): object {
  return appView(project.state.app(name), project.organizationId, project.projectId);
}

function listApps(call: ApiCall): object {
  const { items, pagination } = pageOf(
    call.project.state.apps(),
    ({ name }) => name,
    call.query,
    call.project.pageSizes,
  );
  return { apps: items.map(({ name }) => viewApp(call, name)), pagination };
}

function createApp(call: ApiCall): object {
  const { description = '', ...body } = call.json();
  const name = named(body);
  if (typeof description !== 'string') throw RpcError.invalid('description has to be a string');
  call.project.state.createApp(name, description);
  return { app: viewApp(call, name) };
}

function deleteApp({ project, param }: ApiCall): object {
  project.state.deleteApp(param('app'));
  return {};
}

function listSecrets({ project, query, param }: ApiCall, view: (secret: EmulatedSecret) => object): object {
  const types = typesOf(query);
  const part = query.get('name_contains') ?? '';
  const secrets = [...project.state.app(param('app')).secrets.values()].filter(
    ({ name, type }) => types.includes(type) && name.includes(part),
  );
  const { items, pagination } = pageOf(secrets, ({ name }) => name, query, project.pageSizes);
  return { secrets: items.map(view), pagination };
}

/** None asked for means all, dynamic ones included: that is how a careless client issues credentials. */
function typesOf(query: URLSearchParams): readonly string[] {
  const asked = query.getAll('types').map((type) => type.toLowerCase());
  if (asked.some((type) => !TYPES.some((known) => known === type))) throw RpcError.invalid('unknown secret type');
  return asked.length > 0 ? asked : TYPES;
}

function open({ project, param }: ApiCall, secret: EmulatedSecret): object {
  if (secret.type !== 'dynamic') return openSecretView(secret);
  return openDynamicView(secret, project.state.issue(param('app'), secret));
}

function deleteSecret({ project, param }: ApiCall): object {
  project.state.remove(param('app'), param('secret'));
  return {};
}

function rotateSecret(call: ApiCall): object {
  if (secretOf(call).type !== 'rotating') throw RpcError.precondition('only a rotating secret can be rotated');
  call.project.state.rotate(call.param('app'), call.param('secret'));
  return {};
}

function versionedOf(call: ApiCall): VersionedSecret {
  const secret = secretOf(call);
  if (secret.type === 'dynamic') throw RpcError.precondition('a dynamic secret has no versions');
  return secret;
}

function listVersions(call: ApiCall, withValues: boolean): object {
  const secret = versionedOf(call);
  const numbers = secret.versions.map(({ version }) => version);
  // Newest first: the page's order is that of its keys.
  const newestFirst = (version: number) => String(Number.MAX_SAFE_INTEGER - version).padStart(16, '0');
  const { items, pagination } = pageOf(numbers, newestFirst, call.query, call.project.pageSizes);
  return { ...versionsView(secret, items, withValues), pagination };
}

function openVersion(call: ApiCall): object {
  const text = call.param('version');
  if (!/^\d{1,15}$/.test(text)) throw RpcError.invalid('version is not a number');
  const view = openVersionView(versionedOf(call), Number(text));
  if (!view) throw RpcError.notFound('secret version');
  return view;
}

function createStatic({ project, param, json }: ApiCall): object {
  const { name, value } = namedValue(json());
  return { secret: secretView(project.state.putStatic(param('app'), name, value)) };
}

/** All of them or, where one name is taken and `conflicts` is not UPDATE, none. */
function createStatics({ project, param, json }: ApiCall): object {
  const { secrets, conflicts = 'FAIL' } = json();
  if (conflicts !== 'FAIL' && conflicts !== 'UPDATE') throw RpcError.invalid('conflicts has to be FAIL or UPDATE');
  if (!Array.isArray(secrets)) throw RpcError.invalid('secrets has to be a list');
  const wanted = secrets.map(namedValue);
  const taken = project.state.app(param('app')).secrets;
  if (conflicts === 'FAIL' && wanted.some(({ name }) => taken.has(name))) throw RpcError.exists('secret');
  return { secrets: wanted.map(({ name, value }) => secretView(project.state.putStatic(param('app'), name, value))) };
}

function namedValue(item: unknown): { name: string; value: string } {
  if (typeof item !== 'object' || item === null) throw RpcError.invalid('a secret has to be an object');
  const { value = '' } = item as { value?: unknown };
  if (typeof value !== 'string') throw RpcError.invalid('value has to be a string');
  return { name: named(item), value };
}

function named(item: object): string {
  const { name } = item as { name?: unknown };
  if (typeof name !== 'string' || name === '') throw RpcError.invalid('name is required');
  return name;
}
