// One vault of Azure Key Vault, as its API speaks. The credential is handed in; the request that tells whom tokens are for is not counted.
import { serve } from './http-server.mjs';

export const title = 'Azure Key Vault';
/** Names that one request asks for. */
export const together = 1;
/** Names in one page of a listing: Azure’s most. */
export const page = 25;

/** @param values of the secrets, a Map that the cases change; Azure has no `_` in names. */
export async function start({ faults, values, load }) {
  const { azureKeyVault } = await load('sources/azure/index.js');
  const attributes = { enabled: true, created: 1_700_000_000, updated: 1_700_000_000 };
  const idOf = (name) => `${server.url}/secrets/${name.replaceAll('_', '-')}`;
  const bundle = (name) => ({ value: values.get(name), id: `${idOf(name)}/v${values.get(name).length}`, attributes });
  const server = await serve(async ({ method, url, body, headers }) => {
    const { pathname, searchParams } = new URL(url, 'http://azure');
    if (headers.authorization === undefined) {
      const asks = 'Bearer authorization="https://login.microsoftonline.com/t", resource="https://vault.azure.net"';
      return { status: 401, headers: { 'www-authenticate': asks }, body: { error: { code: 'Unauthorized' } } };
    }
    const [, place] = /^\/secrets\/([^/]+)/.exec(pathname) ?? [];
    const name = place?.replaceAll('-', '_');
    const fault = await faults.meet({ operation: method, names: name ? [name] : [] });
    if (fault !== undefined) {
      return { status: fault === 'throttled' ? 429 : fault, body: { error: { code: 'Throttled', message: 'made up' } } };
    }
    if (name === undefined) {
      const from = Number(searchParams.get('$skiptoken') ?? 0);
      const value = [...values.keys()].slice(from, from + page).map((one) => ({ id: idOf(one), attributes }));
      const next = `${server.url}/secrets?api-version=7.4&$skiptoken=${from + page}&maxresults=${page}`;
      return { status: 200, body: { value, nextLink: from + page < values.size ? next : null } };
    }
    if (method === 'PUT') values.set(name, JSON.parse(body).value);
    if (values.has(name)) return { status: 200, body: bundle(name) };
    return { status: 404, body: { error: { code: 'SecretNotFound', message: 'made up' } } };
  }); // prettier-ignore
  const credential = {
    getToken: () => Promise.resolve({ token: 'made-up', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return {
    source: (options = {}) => azureKeyVault({ vaultUrl: server.url, credential, ...options }),
    stop: server.stop,
  };
}
