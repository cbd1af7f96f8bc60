// One project of Google Secret Manager, as its API v1 speaks. The credentials are handed in: nobody is asked for a token.
import { Buffer } from 'node:buffer';
import { serve } from './http-server.mjs';

export const title = 'Google Secret Manager';
/** Names that one request asks for. */
export const together = 1;
/** Names in one page of a listing. */
export const page = 1_000;

const PROJECT = '/v1/projects/p';

/** @param values of the secrets, a Map that the cases change. */
export async function start({ faults, values, load }) {
  const { googleSecretManager } = await load('sources/gcp/index.js');
  const nameOf = (name) => `projects/1/secrets/${name}`;
  const versionOf = (name) => `${nameOf(name)}/versions/${values.get(name).length}`;
  const server = await serve(async ({ method, url, body }) => {
    const { pathname, searchParams } = new URL(url, 'http://google');
    const [, name] = /^\/secrets\/([^/:]+)/.exec(pathname.replace(PROJECT, '')) ?? [];
    const fault = await faults.meet({ operation: method, names: name ? [name] : [] });
    if (fault !== undefined) {
      const status = fault === 'throttled' ? 429 : fault;
      return { status, body: { error: { code: status, status: status === 429 ? 'RESOURCE_EXHAUSTED' : 'INTERNAL' } } };
    }
    if (name === undefined) {
      const from = Number(searchParams.get('pageToken') ?? 0);
      const secrets = [...values.keys()].slice(from, from + page).map((one) => ({ name: nameOf(one) }));
      return { status: 200, body: { secrets, ...(from + page < values.size && { nextPageToken: String(from + page) }) } };
    }
    if (!values.has(name)) return { status: 404, body: { error: { code: 404, status: 'NOT_FOUND' } } };
    if (method === 'POST') {
      values.set(name, Buffer.from(JSON.parse(body).payload.data, 'base64').toString());
      return { status: 200, body: { name: versionOf(name), state: 'ENABLED' } };
    }
    const data = Buffer.from(values.get(name)).toString('base64');
    return { status: 200, body: { name: versionOf(name), payload: { data } } };
  }); // prettier-ignore
  const auth = { getAccessToken: () => Promise.resolve('made-up') };
  return {
    source: (options = {}) => googleSecretManager({ projectId: 'p', endpoint: server.url, auth, ...options }),
    stop: server.stop,
  };
}
