import { isSecretError, type SecretThrottledError } from '../../../lib/core/errors/index.js';
import { hostileNames } from '../support/hostile-names.js';
import { printed } from '../support/printed.js';
import { startServer } from '../support/server.js';
import { cleanUp, context, emulated, errorOf, failureOf, sourceAt, TOKEN, valuesOf } from './support/google.js';

afterEach(cleanUp);

const answering = (status: number, body: object | string, headers: Record<string, string> = {}) =>
  startServer((_, response) => {
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });

const rpc = (code: number, status: string | undefined, message = 'canary-message', reason?: string) => ({
  error: { code, status, message, ...(reason && { details: [{ '@type': 'x', reason }, 'odd', null] }) },
});

describe('googleSecretManager: what the service refuses', () => {
  test.each([
    [400, 'INVALID_ARGUMENT', 'SECRET_CONFIGURATION', 'Waiting does not heal it'],
    [400, undefined, 'SECRET_CONFIGURATION', 'was answered with INVALID_ARGUMENT'],
    [400, 'FAILED_PRECONDITION', 'SECRET_ACCESS_DENIED', 'its state does not permit it'],
    [
      403,
      'PERMISSION_DENIED',
      'SECRET_ACCESS_DENIED',
      'It needs the permission secretmanager.versions.access. Grant roles/secretmanager.secretAccessor',
    ],
    [403, undefined, 'SECRET_ACCESS_DENIED', 'secretmanager.versions.access'],
    [409, 'ABORTED', 'SECRET_SOURCE_UNAVAILABLE', 'was answered with ABORTED'],
    [429, 'RESOURCE_EXHAUSTED', 'SECRET_THROTTLED', "have the project's quota raised"],
    [499, 'CANCELLED', 'SECRET_SOURCE_UNAVAILABLE', 'was answered with CANCELLED'],
    [500, 'INTERNAL', 'SECRET_SOURCE_UNAVAILABLE', 'was answered with INTERNAL'],
    [503, 'UNAVAILABLE', 'SECRET_SOURCE_UNAVAILABLE', 'was answered with UNAVAILABLE'],
    [504, 'DEADLINE_EXCEEDED', 'SECRET_SOURCE_UNAVAILABLE', 'was answered with DEADLINE_EXCEEDED'],
    [418, 'CANARY-STATUS', 'SECRET_SOURCE_UNAVAILABLE', 'was answered with UNKNOWN'],
    [302, '', 'SECRET_SOURCE_UNAVAILABLE', 'was answered with UNKNOWN'],
  ])(
    'given %i %s, when read, then it is %s, by the name of the secret and the project, and quotes nothing',
    async (status, name, code, words) => {
      const server = await answering(status, rpc(status, name));
      const error = await errorOf(sourceAt(server.url));
      expect(error).toMatchObject({ code, secretName: 'KEY', sourceKind: 'google-secret-manager' });
      expect(error.message).toContain('reading version "latest" of it in project "app-project"');
      expect(error.message).toContain(words);
      expect(printed(error)).not.toMatch(/canary/i);
      expect(printed(error)).not.toContain(TOKEN);
    },
    30_000,
  );

  test('given NOT_FOUND, when read, then the secret is absent; an alias may be missing too', async () => {
    const server = await answering(404, rpc(404, 'NOT_FOUND'));
    const source = sourceAt(server.url);
    expect((await source.read(['KEY'], context())).size).toBe(0);
    expect(await source.exists('KEY', context())).toBe(false);
  });

  test.each([
    [
      'SERVICE_DISABLED',
      '',
      'Its API is not enabled in the project. Enable it: `gcloud services enable secretmanager.googleapis.com`.',
    ],
    [undefined, 'Secret Manager API has not been used in project 1 before', 'Its API is not enabled in the project.'],
    ['ACCESS_TOKEN_SCOPE_INSUFFICIENT', '', "The scopes of the token don't suffice."],
  ])('given 403 with the reason %s, when read, then what is missing is said', async (reason, message, words) => {
    const server = await answering(403, rpc(403, 'PERMISSION_DENIED', `canary ${message}`, reason));
    const error = await errorOf(sourceAt(server.url));
    expect(error.code).toBe('SECRET_ACCESS_DENIED');
    expect(error.message).toContain(words);
    expect(printed(error)).not.toContain('canary');
  });

  test('given rights to read alone, when listed and looked for, then the first is denied by the name of its permission, the second answered', async () => {
    const { google, source } = await emulated({ KEY: 'value' });
    google.denied.add('secretmanager.secrets.list').add('secretmanager.secrets.get');
    expect(await source.exists('KEY', context())).toBe(true);
    const error = await failureOf(source.list(undefined, context()));
    expect(error.code).toBe('SECRET_ACCESS_DENIED');
    expect(error.message).toContain(
      'listing the secrets in project "app-project" was answered with PERMISSION_DENIED. It needs the permission secretmanager.secrets.list. Grant roles/secretmanager.viewer',
    );
    google.denied.add('secretmanager.versions.access');
    expect(await failureOf(source.exists('KEY', context()))).toMatchObject({
      code: 'SECRET_ACCESS_DENIED',
      secretName: 'KEY',
    });
  });

  test('given one of several that is denied, when read, then the others come', async () => {
    const server = await startServer((request, response) => {
      if (request.url!.includes('/DENIED/'))
        return void response.writeHead(403).end(JSON.stringify(rpc(403, 'PERMISSION_DENIED')));
      const id = /secrets\/([^/]+)/.exec(request.url!)![1];
      response.end(JSON.stringify({ name: `projects/1/secrets/${id}/versions/1`, payload: { data: 'eA==' } }));
    });
    const found = await sourceAt(server.url).read(['A', 'DENIED', 'B'], context());
    expect(valuesOf(found)).toEqual({ A: 'x', DENIED: 'SECRET_ACCESS_DENIED', B: 'x' });
  });

  test('given a Retry-After, when throttled, then it is heeded, or handed on where it is long', async () => {
    const server = await answering(429, rpc(429, 'RESOURCE_EXHAUSTED'), { 'retry-after': '30' });
    expect((await errorOf(sourceAt(server.url))) as SecretThrottledError).toMatchObject({ retryAfter: 30_000 });
    expect(server.requests).toHaveLength(1);
  });
});

describe('googleSecretManager: what is not an answer of the service', () => {
  test.each([400, 401, 403, 404])(
    'given a page of a gateway with HTTP %i, when asked, then that is not a verdict',
    async (status) => {
      const server = await answering(status, '<html>canary-page</html>', { 'content-type': 'text/html' });
      const source = sourceAt(server.url);
      const errors = [
        await errorOf(source),
        await failureOf(source.exists('KEY', context())),
        await failureOf(source.list(undefined, context())),
      ];
      for (const error of errors) {
        expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
        expect(error.message).toContain('something else is in its place');
        expect(printed(error)).not.toContain('canary');
      }
    },
  );

  test.each([
    ['broken JSON', '{"name": "canary'],
    ['a list', '["canary"]'],
    ['null', 'null'],
    ['an empty body', ''],
    [
      'a value that is not Base64',
      JSON.stringify({ name: 'projects/1/secrets/KEY/versions/1', payload: { data: 'canary!' } }),
    ],
    [
      'a value that is not a string',
      JSON.stringify({ name: 'projects/1/secrets/KEY/versions/1', payload: { data: { canary: 1 } } }),
    ],
    [
      'a number beyond all',
      JSON.stringify({ name: 'projects/1/secrets/KEY/versions/99999999999999999999', payload: {} }),
    ],
  ])('given %s, when read, then the source is unavailable, and nothing of it is quoted', async (_, body) => {
    const server = await answering(200, body);
    const error = await errorOf(sourceAt(server.url));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    expect(printed(error)).not.toContain('canary');
  });

  test('given a connection that breaks once, when read, then it is read again', async () => {
    let count = 0;
    const server = await startServer((_, response) => {
      if ((count += 1) === 1) return void response.destroy();
      response.end(JSON.stringify({ name: 'projects/1/secrets/KEY/versions/1', payload: { data: 'eA==' } }));
    });
    expect(valuesOf(await sourceAt(server.url).read(['KEY'], context()))).toEqual({ KEY: 'x' });
  });

  test('given nobody there, or somebody who says nothing, when read, then the address is told', async () => {
    const silent = await startServer(() => undefined);
    const hanging = await errorOf(sourceAt(silent.url), 'KEY', { timeout: 50 });
    expect(hanging).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', effect: 'none' });
    expect(hanging.message).toContain(`${silent.url} gave no whole answer within 50 ms`);
    const gone = await startServer(() => undefined);
    await gone.stop();
    const refused = await errorOf(sourceAt(gone.url));
    expect(refused.message).toContain(`nothing listens at ${gone.url} (ECONNREFUSED)`);
  });

  test('given a redirect to another host, when read, then the token does not go there', async () => {
    const other = await startServer((_, response) => response.end('{}'));
    const server = await startServer((_, response) => response.writeHead(307, { location: `${other.url}/v1` }).end());
    const error = await errorOf(sourceAt(server.url));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(error.message).toContain('which is not followed');
    expect(other.requests).toEqual([]);
  });

  test('given a backend that is down, when many are read, then few ask, and all have failed with it', async () => {
    const server = await answering(503, rpc(503, 'UNAVAILABLE'));
    const names = Array.from({ length: 200 }, (_, n) => `K${n}`);
    const found = await sourceAt(server.url).read(names, context());
    expect(found.size).toBe(200);
    for (const result of found.values()) expect(isSecretError(result) && result.code).toBe('SECRET_SOURCE_UNAVAILABLE');
    expect(server.requests.length).toBeLessThan(100);
  }, 30_000);
});

describe('googleSecretManager: names', () => {
  test.each(
    hostileNames('other-project', 'KEY')
      .map(({ name }) => name)
      .concat('a.b', 'a b', 'ö', 'projects/p/secrets/KEY', 'A'.repeat(256), ''),
  )('given the name %j, when asked for, then nothing is sent', async (name) => {
    const { google, source } = await emulated({ KEY: 'value' });
    expect(valuesOf(await source.read(['KEY', name], context()))).toEqual({
      KEY: 'value',
      [name]: expect.stringMatching(/^SECRET_(CONFIGURATION|NOT_FOUND)$/) as string,
    });
    await source.exists(name, context()).catch(() => false);
    await failureOf(source.write(name, 'x', context()));
    expect(google.requests).toHaveLength(1);
  });

  test('given a prefix, when names are checked, then prefix and name together have to fit', async () => {
    const { google, source } = await emulated({}, { prefix: 'p'.repeat(200) });
    const error = await errorOf(source, 'k'.repeat(56));
    expect(error).toMatchObject({ code: 'SECRET_NOT_FOUND', secretName: 'k'.repeat(56) });
    expect(error.message).toContain('1 to 255 letters, digits, dashes and underscores');
    expect((await source.read([''], context())).get('')).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(google.requests).toEqual([]);
  });
});
