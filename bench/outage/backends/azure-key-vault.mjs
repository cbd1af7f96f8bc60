// One Azure Key Vault, as its API speaks, with tokens of the app's own. The question whom a token is for is not counted.
import { serve } from './http-server.mjs';

export const title = 'Azure Key Vault';
/** Names that one request asks for. */
export const together = 1;
export const page = 25;

const CODES = { 404: 'SecretNotFound', 429: 'Throttled', 500: 'InternalServerError', 503: 'ServiceUnavailable' };
const refused = (status) => ({ status, body: { error: { code: CODES[status], message: 'made up' } } });
const CHALLENGE = 'Bearer authorization="https://login.windows.net/t", resource="https://vault.azure.net"';

/** @param values of the secrets, a Map that the cases change. */
export async function start({ faults, values, load }) {
  const { azureKeyVault } = await load('sources/azure/index.js');
  const server = await serve(async ({ method, url, body, headers }) => {
    if (headers.authorization === undefined) return { ...refused(401), headers: { 'www-authenticate': CHALLENGE } };
    const { pathname, searchParams } = new URL(url, server.url);
    const name = pathname.split('/')[2]?.replace('app-', '').replaceAll('-', '_');
    const from = Number(searchParams.get('$skiptoken') ?? 0);
    const names = name === undefined ? [...values.keys()].slice(from, from + page) : [name];
    const fault = await faults.meet({ operation: `${method} ${pathname}`, names });
    if (fault !== undefined) return refused(fault === 'throttled' ? 429 : fault);
    const idOf = (one) => `${server.url}/secrets/app-${one.replaceAll('_', '-')}`;
    if (name === undefined) {
      const nextLink = from + page < values.size ? `${server.url}/secrets?$skiptoken=${from + page}` : null;
      return { status: 200, body: { value: names.map((one) => ({ id: idOf(one), attributes: {} })), nextLink } };
    }
    if (!values.has(name) || pathname.startsWith('/deletedsecrets')) return refused(404);
    if (method === 'PUT') values.set(name, JSON.parse(body).value);
    const value = values.get(name);
    const version = String(value.length).padStart(32, '0');
    return { status: 200, body: { id: `${idOf(name)}/${version}`, value, attributes: { created: value.length } } };
  });
  const credential = {
    getToken: async () => ({ token: 'made-up', expiresOnTimestamp: Date.now() + 3_600_000 }),
  };
  return {
    source: (options = {}) => azureKeyVault({ vaultUrl: server.url, prefix: 'app-', credential, ...options }),
    stop: server.stop,
  };
}
