import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSecretError } from '../../../lib/core/errors/index.js';
import type { SecretError } from '../../../lib/core/errors/index.js';
import { KubernetesSecretsSource } from '../../../lib/sources/kubernetes/kubernetes.source.js';
import type { WatchTimes } from '../../../lib/sources/kubernetes/watch/watch-times.js';
import { recordingListener } from '../../contract/support/changes.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { until } from './support/cluster.js';

const TOKEN = 'canary-stub-token';
const sources: KubernetesSecretsSource[] = [];
const context = () => ({ signal: new AbortController().signal });

afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await stopServers();
});
afterAll(removeFolders);

function sourceAt(server: string, times: Partial<WatchTimes> = {}): KubernetesSecretsSource {
  const kubeconfig = join(temporaryFolder(), 'config');
  const parts = { contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }], clusters: [{ name: 'a', cluster: { server } }], users: [{ name: 'a', user: { token: TOKEN } }] }; // prettier-ignore
  writeFileSync(kubeconfig, JSON.stringify({ 'current-context': 'a', ...parts }));
  const source = new KubernetesSecretsSource({ namespace: 'shop', kubeconfig }, { environment: {}, times });
  sources.push(source);
  return source;
}

async function errorOf(source: KubernetesSecretsSource): Promise<SecretError> {
  const found = await source.read(['db'], { ...context(), timeout: 1_000 }).then(
    (answer) => answer.get('db'),
    (error: unknown) => error,
  );
  if (isSecretError(found)) return found;
  throw new Error('it was read');
}

const status = (code: number, reason: string) => JSON.stringify({ kind: 'Status', apiVersion: 'v1', status: 'Failure', code, reason, message: 'canary-message' }); // prettier-ignore
const secret = (version: string, value: string) => ({ metadata: { name: 'db', uid: 'u', resourceVersion: version }, data: { key: Buffer.from(value).toString('base64') } }); // prettier-ignore
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;

describe('kubernetesSecrets: what the API server refuses', () => {
  test.each([
    [400, 'BadRequest', 'SECRET_CONFIGURATION', 'waiting does not heal it'],
    [401, 'Unauthorized', 'SECRET_AUTHENTICATION', 'its token may have expired'],
    [403, 'Forbidden', 'SECRET_ACCESS_DENIED', 'Allow "get" on secrets in a Role of the namespace'],
    [410, 'Gone', 'SECRET_SOURCE_UNAVAILABLE', 'HTTP 410 (Gone)'],
    [422, 'Invalid', 'SECRET_CONFIGURATION', 'HTTP 422 (Invalid)'],
    [429, 'TooManyRequests', 'SECRET_THROTTLED', 'HTTP 429 (TooManyRequests)'],
    [500, 'InternalError', 'SECRET_SOURCE_UNAVAILABLE', 'HTTP 500 (InternalError)'],
    [503, 'ServiceUnavailable', 'SECRET_SOURCE_UNAVAILABLE', 'HTTP 503 (ServiceUnavailable)'],
    [504, 'Timeout', 'SECRET_SOURCE_UNAVAILABLE', 'HTTP 504 (Timeout)'],
    [500, 'canary reason', 'SECRET_SOURCE_UNAVAILABLE', 'was answered with HTTP 500.'],
  ])('given %i %s, when read, then it is %s, by the name of the secret and the namespace, and quotes nothing', async (code, reason, expected, words) => {
    const server = await startServer((_, response) => void response.writeHead(code, { 'content-type': 'application/json' }).end(status(code, reason)));
    const error = await errorOf(sourceAt(server.url));
    expect(error).toMatchObject({ code: expected, secretName: 'db', sourceKind: 'kubernetes' });
    expect(error.message).toContain(`reading it at ${server.url}, namespace "shop"`);
    expect(error.message).toContain(words);
    expect(printed(error)).not.toMatch(/canary/);
  }, 30_000); // prettier-ignore

  test.each([400, 401, 403, 404])('given %i by something else, when read, then that is not a verdict', async (code) => {
    const server = await startServer((_, response) => void response.writeHead(code).end('<html>canary</html>'));
    const error = await errorOf(sourceAt(server.url));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(error.message).toContain('something else is in its place');
  });

  test.each([
    ['no JSON', 'canary{'],
    ['no Secret', '{"kind":"Secret"}'],
  ])('given %s, when read, then the source is unavailable, and nothing is quoted', async (_, body) => {
    const server = await startServer((__, response) => void response.end(body));
    const error = await errorOf(sourceAt(server.url));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(printed(error)).not.toMatch(/canary/);
  }, 30_000); // prettier-ignore

  test('given a server that is cut, refuses or hangs, when read, then the source is unavailable', async () => {
    const cut = await startServer((request) => void request.socket.destroy());
    expect(await errorOf(sourceAt(cut.url))).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    const hanging = await startServer(() => undefined);
    expect(await errorOf(sourceAt(hanging.url))).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    const port = hanging.url;
    await hanging.stop();
    expect((await errorOf(sourceAt(port))).message).toContain('nothing listens');
  }, 30_000);

  test('given a list whose pages repeat, when all are read, then it ends', async () => {
    const server = await startServer((_, response) => void response.end(JSON.stringify({ metadata: { resourceVersion: '1', continue: 'again' }, items: [] }))); // prettier-ignore
    await expect(sourceAt(server.url).readAll(context())).rejects.toThrow(
      /listing the Secrets does not end: the pages repeat/,
    );
    expect(server.requests).toHaveLength(2);
  });
});

describe('kubernetesSecrets: a watch of a server that is odd', () => {
  const QUICK = { backoff: { base: 20, factor: 1, max: 20 }, relist: 10, denied: 100, refused: 20, silence: 400 };

  /** @param watched what the nth watch (from 0) is answered with; undefined keeps it open without a word. */
  async function watching(watched: (nth: number) => string | undefined, list = () => [secret('5', 'one')]) {
    let watches = 0;
    let lists = 0;
    const server = await startServer((request, response) => {
      if (!request.url!.includes('watch=1')) {
        if (request.url!.endsWith('/secrets/db')) return void response.end(JSON.stringify(list()[0]));
        lists += 1;
        return void response.end(JSON.stringify({ metadata: { resourceVersion: '5' }, items: list() }));
      }
      const said = watched(watches);
      watches += 1;
      response.writeHead(200, { 'content-type': 'application/json' });
      if (said === undefined) return void response.write(event('BOOKMARK', { metadata: { resourceVersion: '6' } }));
      response.end(said);
    });
    const told: (readonly string[] | undefined)[] = [];
    const { listener, channel } = recordingListener((names) => told.push(names));
    const source = sourceAt(server.url, QUICK);
    await source.watch(listener);
    const froms = () => server.requests.flatMap(({ path }) => /watch=1.*resourceVersion=(\w+)/.exec(path)?.[1] ?? []);
    return { source, told, channel, froms, counts: () => ({ watches, lists }) };
  }

  test('given an event and a bookmark, when the server ends the watch, then it goes on from the last version, and nobody is told of it', async () => {
    const one = event('MODIFIED', secret('7', 'two')) + event('BOOKMARK', { metadata: { resourceVersion: '9' } });
    const { told, channel, froms, counts } = await watching((nth) => (nth === 0 ? one : undefined));
    await until(() => counts().watches > 1);
    expect(told).toEqual([['db']]);
    expect(froms()).toEqual(['5', '9']);
    expect(channel).toEqual([]);
    expect(counts().lists).toBe(1);
  });

  test.each([
    ['Expired', 410, 2],
    ['InternalError', 500, 1],
    ['TooManyRequests', 429, 1],
  ])('given an ERROR event %s, when it comes, then the watch begins anew, with a list where the version is too old', async (reason, code, lists) => {
    const error = event('ERROR', JSON.parse(status(code, reason)) as object);
    const { counts } = await watching((nth) => (nth === 0 ? error : undefined));
    await until(() => counts().watches > 1);
    expect(counts().lists).toBe(lists);
  }); // prettier-ignore

  test('given an ended watch that never says a word, when begun again and again, then not in a storm', async () => {
    const { counts } = await watching(() => '');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(counts().watches).toBeLessThan(60);
  });

  test('given silence, when it has lasted too long, then all is listed anew: the server’s storage may be one of an earlier time', async () => {
    let items = [secret('5', 'one')];
    const { source, told, counts } = await watching(() => undefined, () => items); // prettier-ignore
    await source.read(['db'], context());
    items = [secret('2', 'restored')];
    await until(() => counts().lists > 1, 50);
    await until(() => told.length > 0);
    expect((await source.read(['db'], context())).get('db')).toMatchObject({ version: '2' });
  }, 30_000);

  test('given lines that are not events, when they come, then the channel is lost in the end, and heard again when they are', async () => {
    const { channel, counts } = await watching((nth) => (nth < 3 ? 'canary-no-event\n' : undefined));
    await until(() => counts().watches > 3);
    await until(() => channel.length > 1);
    expect(channel[0]).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(channel.at(-1)).toBe('resumed');
    expect(String(channel[0])).not.toContain('canary');
  });
});
