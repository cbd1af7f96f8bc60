// Vault's KV version 2 below a prefix, with a login by AppRole: as its API speaks.
import { serve } from './http-server.mjs';

export const title = 'HashiCorp Vault, KV v2';
/** Names that one request asks for. */
export const together = 1;
/** Names in one page of a listing: Vault has no pages. */
export const page = 10_000;

/** @param values of the secrets, a Map that the cases change. */
export async function start({ faults, values, load }) {
  const { appRole, vault } = await load('sources/vault/index.js');
  const auth = {
    client_token: 'made-up',
    accessor: 'a',
    policies: ['app'],
    token_policies: ['app'],
    metadata: null,
    lease_duration: 3600,
    renewable: true,
    entity_id: '',
    token_type: 'service',
    orphan: true,
    num_uses: 0,
  };
  const version = (name) => values.get(name).length;
  const metadata = (name) => ({
    version: version(name),
    created_time: '2026-01-01T00:00:00Z',
    deletion_time: '',
    destroyed: false,
    custom_metadata: null,
  });
  const enveloped = (data) => ({ status: 200, body: { request_id: 'r', lease_id: '', data } });
  const missing = { status: 404, body: { errors: [] } };
  const server = await serve(async ({ method, url, body }) => {
    const { pathname, searchParams } = new URL(url, 'http://vault');
    const path = pathname.replace('/v1/', '');
    if (path.startsWith('auth/')) return { status: 200, body: { request_id: 'r', auth } };
    const name = decodeURIComponent(path.replace(/^secret\/(?:data|metadata)\/app\/?/, ''));
    const fault = await faults.meet({ operation: method, names: name ? [name] : [] });
    if (fault !== undefined) return { status: fault === 'throttled' ? 429 : fault, body: { errors: [] } };
    if (path.startsWith('sys/internal/ui/mounts')) {
      return enveloped({ path: 'secret/', type: 'kv', options: { version: '2' } });
    }
    if (searchParams.get('list')) return enveloped({ keys: [...values.keys()] });
    if (method === 'GET')
      return values.has(name) ? enveloped({ data: { value: values.get(name) }, metadata: metadata(name) }) : missing;
    values.set(name, JSON.parse(body).data.value);
    return enveloped(metadata(name));
  });
  return {
    source: (options = {}) => {
      const login = appRole({ roleId: 'r', secretId: 's' });
      return vault({ address: server.url, auth: login, kv: { prefix: 'app' }, revokeOnClose: false, ...options });
    },
    stop: server.stop,
  };
}

/** As the backend gives the value of a secret that is set to this text. */
export const valueOf = (text) => ({ value: text });
