// One app of HCP Vault Secrets, as its API of 2023-11-28 speaks. Token requests are not counted.
import { serve } from './http-server.mjs';

export const title = 'HCP Vault Secrets';
/** Names that one request opens: a page. */
export const together = 100;
export const page = 100;
/** Each page names the next: what comes after one that takes long has to wait. */
export const isChained = true;

const APP = '/secrets/2023-11-28/organizations/o/projects/p/apps/web';

/** @param values of the secrets, a Map that the cases change. */
export async function start({ faults, values, load }) {
  const { hcpVaultSecrets } = await load('sources/hcp-vault-secrets/index.js');
  const secretOf = (name, isOpened) => ({
    name,
    type: 'kv',
    latest_version: values.get(name).length,
    ...(isOpened && { static_version: { version: values.get(name).length, value: values.get(name) } }),
  });
  const server = await serve(async ({ method, url, body }) => {
    const { pathname, searchParams } = new URL(url, 'http://hcp');
    if (pathname === '/oauth2/token') return { status: 200, body: { access_token: 'made-up', expires_in: 3600 } };
    const path = pathname.replace(APP, '');
    const one = /^\/secrets\/([^/]+):open$/.exec(path)?.[1];
    const part = searchParams.get('name_contains') ?? '';
    const from = Number(searchParams.get('pagination.next_page_token') ?? 0);
    const all = [...values.keys()].filter((name) => name.includes(part));
    const written = method === 'POST' ? JSON.parse(body) : undefined;
    const names = written ? [written.name] : one ? [one] : all.slice(from, from + page);
    const fault = await faults.meet({ operation: written ? 'PutSecret' : path, names });
    if (fault !== undefined) {
      return { status: fault === 'throttled' ? 429 : fault, body: { code: 14, message: 'made up', details: [] } };
    }
    if (written) {
      values.set(written.name, written.value);
      return { status: 200, body: { secret: secretOf(written.name) } };
    }
    if (one && !values.has(one)) return { status: 404, body: { code: 5, message: 'not found', details: [] } };
    if (one) return { status: 200, body: { secret: secretOf(one, true) } };
    const next = from + page < all.length ? { next_page_token: String(from + page) } : {};
    return { status: 200, body: { secrets: names.map((name) => secretOf(name, path.endsWith(':open'))), pagination: next } };
  }); // prettier-ignore
  return {
    source: (options = {}) =>
      hcpVaultSecrets({
        clientId: 'id',
        clientSecret: 'made-up',
        organizationId: 'o',
        projectId: 'p',
        appName: 'web',
        apiUrl: server.url,
        authUrl: server.url,
        ...options,
      }),
    stop: server.stop,
  };
}
