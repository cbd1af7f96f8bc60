import { token, vault } from 'nestjs-hcp-vault/vault';
import { failureOf, valuesOf } from '../support/hcp.js';
import { hostileNames } from '../support/hostile-names.js';
import { startServer, stopServers } from '../support/server.js';

const context = () => ({ signal: new AbortController().signal });
const HOSTILE = hostileNames('victim', 'KEY').map(({ name }) => name);

afterEach(stopServers);

/** A Vault that has one secret, `db`, for whoever asks. */
async function connected(kv: { prefix: string } | { document: string } = { prefix: 'app' }) {
  const server = await startServer((request, response) => {
    const found = { data: { a: '1' }, metadata: { version: 1, created_time: '2026-01-01T00:00:00Z' } };
    const isThere = /data\/(app\/)?db$/.test(request.url ?? '');
    const body = request.url?.includes('lookup-self') ? { ttl: 3600, renewable: false } : found;
    response
      .writeHead(isThere || request.url?.includes('lookup-self') ? 200 : 404)
      .end(JSON.stringify({ request_id: 'r', data: body }));
  });
  return { server, source: vault({ address: server.url, auth: token('canary-token'), kv }) };
}

describe('names in Vault', () => {
  test.each([...HOSTILE, 'a//b', '/a', 'a/', '', 'a\nb', '\u001b[2J', 'x'.repeat(4097)].map((name) => [name.slice(0, 60), name]))(
    'given the name %j, when read, looked for or written, then it alone is refused, and nothing is sent, not even a login',
    async (_, name) => {
      const { server, source } = await connected();
      expect(valuesOf(await source.read([name], context()))).toEqual({ [name]: 'SECRET_CONFIGURATION' });
      for (const work of [source.exists(name, context()), source.write(name, { a: 1 }, context())]) {
        expect(await failureOf(work)).toMatchObject({ code: 'SECRET_CONFIGURATION' });
      }
      expect(server.requests).toEqual([]);
      expect(valuesOf(await source.read(['db', name], context()))).toEqual({ db: { a: '1' }, [name]: 'SECRET_CONFIGURATION' });
      await source.close();
    },
  ); // prettier-ignore

  test('given a folder that climbs, when listed or read, then it is refused, unsent', async () => {
    const { server, source } = await connected();
    for (const path of ['../other/', 'x/%2e%2e/%2e%2e/']) {
      expect(await failureOf(source.list(path, context()))).toMatchObject({ code: 'SECRET_CONFIGURATION' });
      expect(await failureOf(source.readPath!(path, context()))).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    }
    expect(server.requests).toEqual([]);
    await source.close();
  });

  test.each(['mount', 'prefix', 'document'])('given a %s that climbs, when made, then it is refused', (option) => {
    for (const path of ['a/../b', '%2e%2e/b', 'a//b', 'a\nb', 'a%2fb']) {
      expect(() => vault({ auth: token('t'), kv: { [option]: path } })).toThrow(
        expect.objectContaining({ code: 'SECRET_CONFIGURATION', message: expect.stringContaining(`kv.${option}`) }),
      );
    }
  });

  test('given fields of a document, when read, then a name may hold dots and slashes, and no control characters', async () => {
    const { server, source } = await connected({ document: 'app/db' });
    const names = ['a', 'a/../b', '..', 'a\0', '\u009b'];
    expect(valuesOf(await source.read(names, context()))).toEqual({
      a: '1',
      'a\0': 'SECRET_CONFIGURATION',
      '\u009b': 'SECRET_CONFIGURATION',
    });
    const before = server.requests.length;
    await source.read(['a\0'], context());
    expect(server.requests).toHaveLength(before);
    await source.close();
  });
});
