import { token } from '../../../lib/sources/vault/index.js';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { failureOf, valuesOf } from '../support/hcp.js';
import { clientTo, closeClients } from '../vault/support/clients.js';
import { closeSources, context, sourceOf } from './support/sources.js';

describeOnEachVault([], 'vault() against %s: a path that begins with its mount', (product) => {
  let server: VaultServer;
  let client: VaultClient;
  const make = (kv: Parameters<typeof sourceOf>[0]['kv'], given = server.token) =>
    sourceOf({ address: server.address, auth: token(given), kv });

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await client.kv.v2.createOrUpdate('app/db', { password: 'canary-hint' });
    await client.kv.v2.createOrUpdate('secret/real', { password: 'canary-hint' });
  }, 60_000);
  afterEach(closeSources);
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test.each([
    ['secret/app/db', 'begins with "secret/", which is put before it by itself: leave it out, as in "app/db".'],
    ['data/app/db', 'begins with "data/"'],
    ['secret/data/app/db', 'begins with "secret/data/"'],
  ])('given the name %s, when read, then "not found" says what to leave out', async (name, said) => {
    const source = make({});
    const answer = await source.read([name, 'app/db', 'none', 'secretive'], context());
    expect(valuesOf(answer)).toEqual({ [name]: 'SECRET_NOT_FOUND', 'app/db': { password: 'canary-hint' } });
    expect(answer.get(name)).toMatchObject({ secretName: name, message: expect.stringContaining(said) });
    expect(await source.exists(name, context())).toBe(false);
  });

  test('given a secret that really has such a path, when read, then it is read', async () => {
    expect(valuesOf(await make({}).read(['secret/real'], context()))).toEqual({
      'secret/real': { password: 'canary-hint' },
    });
  });

  test('given a prefix or a document with the mount, when read, then the same is said', async () => {
    const answer = await make({ prefix: 'secret/data/app' }).read(['db'], context());
    expect(answer.get('db')).toMatchObject({ message: expect.stringContaining('as in "app/db"') });
    const error = await failureOf(make({ document: 'secret/app/db' }).read(['password'], context()));
    expect(error).toMatchObject({ code: 'SECRET_NOT_FOUND', message: expect.stringContaining('as in "app/db"') });
  });

  test('given a token that may read the real path only, when the name has the mount, then the denial says it too', async () => {
    await client.sys.createOrUpdatePolicy('hint', 'path "secret/data/app/db" { capabilities = ["read"] }');
    const { auth } = await client.auth.token.create({ policies: ['hint'] });
    const answer = await make({}, auth.client_token).read(['secret/data/app/db', 'other'], context());
    expect(answer.get('secret/data/app/db')).toMatchObject({
      code: 'SECRET_ACCESS_DENIED',
      message: expect.stringMatching(/as in "app\/db"\. .*vault token capabilities/s),
    });
    expect(answer.get('other')).not.toMatchObject({ message: expect.stringContaining('leave it out') });
  });
});
