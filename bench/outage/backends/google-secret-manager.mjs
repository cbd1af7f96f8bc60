// One project of Google Secret Manager, as its REST API speaks, with tokens of the app's own.
import { Buffer } from 'node:buffer';
import { serve } from './http-server.mjs';

export const title = 'Google Secret Manager';
/** Names that one request asks for. */
export const together = 1;
export const page = 1_000;

const STATUSES = { 404: 'NOT_FOUND', 429: 'RESOURCE_EXHAUSTED', 500: 'INTERNAL', 503: 'UNAVAILABLE' };
const refused = (status) => ({
  status,
  body: { error: { code: status, status: STATUSES[status], message: 'made up' } },
});

/** @param values of the secrets, a Map that the cases change. */
export async function start({ faults, values, load }) {
  const { googleSecretManager } = await load('sources/gcp/index.js');
  const server = await serve(async ({ method, url, body }) => {
    const { pathname, searchParams } = new URL(url, 'http://google');
    const path = pathname.replace('/v1/projects/web/secrets', '');
    const [, name] = /^\/app_([^/:]+)/.exec(path) ?? [];
    const from = Number(searchParams.get('pageToken') ?? 0);
    const names = name === undefined ? [...values.keys()].slice(from, from + page) : [name];
    const fault = await faults.meet({ operation: `${method} ${path}`, names });
    if (fault !== undefined) return refused(fault === 'throttled' ? 429 : fault);
    if (name === undefined) {
      const next = from + page < values.size ? { nextPageToken: String(from + page) } : {};
      return {
        status: 200,
        body: { secrets: names.map((one) => ({ name: `projects/1/secrets/app_${one}` })), ...next },
      };
    }
    if (!values.has(name)) return refused(404);
    if (method === 'POST') values.set(name, Buffer.from(JSON.parse(body).payload.data, 'base64').toString());
    const value = values.get(name);
    const version = { name: `projects/1/secrets/app_${name}/versions/${value.length}` };
    const payload = { data: Buffer.from(value).toString('base64') };
    return { status: 200, body: method === 'POST' ? version : { ...version, payload } };
  });
  const auth = { getAccessToken: async () => 'made-up' };
  return {
    source: (options = {}) =>
      googleSecretManager({ projectId: 'web', prefix: 'app_', endpoint: server.url, auth, ...options }),
    stop: server.stop,
  };
}
