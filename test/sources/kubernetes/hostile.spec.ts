import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { SecretValue } from '../../../lib/core/secret/secret-value.js';
import { KubernetesSecretsSource } from '../../../lib/sources/kubernetes/kubernetes.source.js';
import type { WatchTimes } from '../../../lib/sources/kubernetes/watch/watch-times.js';
import { recordingListener } from '../../contract/support/changes.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { printed } from '../support/printed.js';
import { startServer, stopServers } from '../support/server.js';
import { until } from './support/cluster.js';

const sources: KubernetesSecretsSource[] = [];
const context = () => ({ signal: new AbortController().signal, timeout: 2_000 });
const QUICK = { backoff: { base: 20, factor: 2, max: 4_000 }, relist: 10, denied: 60_000, refused: 20 };

afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await stopServers();
});
afterAll(removeFolders);

const file = (text: string): string => {
  const path = join(temporaryFolder(), 'config');
  writeFileSync(path, text);
  return path;
};
const config = (server: string, user: object = { token: 'canary-token' }): string =>
  JSON.stringify({
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [{ name: 'a', cluster: { server } }],
    users: [{ name: 'a', user }],
  });

function sourceOf(kubeconfig: string, times: Partial<WatchTimes> = {}): KubernetesSecretsSource {
  const environment = { PATH: process.env['PATH'] };
  const source = new KubernetesSecretsSource({ namespace: 'shop', kubeconfig }, { environment, times });
  sources.push(source);
  return source;
}

const secret = (version: string, value = 'canary-value', more: object = {}) => ({
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'shop', uid: 'u', resourceVersion: version, ...more },
  data: { key: Buffer.from(value).toString('base64') },
});
const listOf = (items: readonly object[], resourceVersion = '5') => JSON.stringify({ metadata: { resourceVersion }, items }); // prettier-ignore
const status = (code: number, reason: string) => ({ kind: 'Status', status: 'Failure', code, reason, message: 'canary-message' }); // prettier-ignore
const event = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const BOOKMARK = event('BOOKMARK', { metadata: { resourceVersion: '6' } });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** @param watched answers the nth watch, from 0, whose head has been sent. */
async function watching(watched: (response: ServerResponse, nth: number) => void, times: Partial<WatchTimes> = {}) {
  let watches = 0;
  let lists = 0;
  const server = await startServer((request, response) => {
    if (request.url!.includes('watch=1')) {
      response.writeHead(200).flushHeaders();
      return watched(response, watches++);
    }
    if (request.url!.endsWith('/secrets/db')) return void response.end(JSON.stringify(secret('5')));
    lists += 1;
    response.end(listOf([secret('5')]));
  });
  const told: (readonly string[] | undefined)[] = [];
  const { listener, channel } = recordingListener((names) => told.push(names));
  const source = sourceOf(file(config(server.url)), { ...QUICK, ...times });
  await source.watch(listener);
  return { source, server, told, channel, counts: () => ({ watches, lists }) };
}

describe('kubernetesSecrets: a watch that begins, and is over at once, again and again', () => {
  const ways: [string, (response: ServerResponse) => void][] = [
    ['an ERROR event', (response) => void response.end(event('ERROR', status(500, 'InternalError')))],
    ['a bookmark and an ERROR event', (response) => void response.end(BOOKMARK + event('ERROR', status(500, '')))],
    ['410 each time', (response) => void response.end(event('ERROR', status(410, 'Expired')))],
    ['a bookmark and an end', (response) => void response.end(BOOKMARK)],
    ['an end', (response) => void response.end()],
    ['a cut', (response) => void response.write(BOOKMARK, () => response.socket?.destroy())],
    ['the event of another namespace', (response) => void response.end(event('ADDED', secret('9', 'x', { namespace: 'other' })))],
    ['no event', (response) => void response.end('canary-line\n')],
  ]; // prettier-ignore

  test.each(ways)('given %s, when it goes on, then that it is lost is told once, and that it is heard once it stands; not in a storm', async (_, over) => {
    let isWell = false;
    const { channel, counts } = await watching((response) => (isWell ? void response.write(BOOKMARK) : over(response)));
    await until(() => channel.length > 0);
    await pause(700);
    expect(channel).toHaveLength(1);
    expect(printed(channel[0])).not.toContain('canary');
    expect(counts().watches).toBeLessThan(14);
    isWell = true;
    await until(() => channel.length > 1);
    expect(channel[1]).toBe('resumed');
    await pause(100);
    expect(channel).toHaveLength(2);
  }, 30_000); // prettier-ignore
});

describe('kubernetesSecrets: a watch that seems open, and is not', () => {
  test('given something in between that holds back all lines, when watched, then it is lost, once, until a line comes through', async () => {
    let isWell = false;
    const { source, channel, counts } = await watching((response) => {
      if (isWell) response.write(BOOKMARK);
    }, { silence: 1_100 }); // prettier-ignore
    await until(() => counts().watches > 3);
    expect(channel).toHaveLength(1);
    // What it listed is not taken for the present.
    expect((await source.read(['db'], context())).get('db')).toMatchObject({ version: '5' });
    isWell = true;
    await until(() => channel.length > 1);
    expect(channel[1]).toBe('resumed');
  }, 30_000);

  test('given empty lines without end, when the time that was asked for is over, then all is listed anew', async () => {
    const { counts } = await watching((response) => {
      const timer = setInterval(() => response.write('\n'), 30);
      response.on('close', () => clearInterval(timer));
    }, { silence: 200, life: 500 }); // prettier-ignore
    await until(() => counts().lists > 1);
  }, 10_000);

  test('given a server that starts and denies all for a moment, when it was heard before, then it is heard again soon, and nothing is read in its stead', async () => {
    let denials = 0;
    const notices: unknown[] = [];
    const server = await startServer((request, response) => {
      if (!request.url!.includes('watch=1')) return void response.end(listOf([secret('5')]));
      const nth = server.requests.filter(({ path }) => path.includes('watch=1')).length;
      if (nth > 1 && nth < 4) {
        denials += 1;
        return void response.writeHead(403).end(JSON.stringify(status(403, 'Forbidden')));
      }
      response.writeHead(200).write(BOOKMARK, () => nth === 1 && response.socket?.destroy());
    });
    const source = sourceOf(file(config(server.url)), QUICK);
    source.observe((notice) => void notices.push(notice));
    const { listener, channel } = recordingListener();
    await source.watch(listener);
    await until(() => server.requests.filter(({ path }) => path.includes('watch=1')).length > 3);
    expect([denials, channel, notices]).toEqual([2, [], []]);
  }, 10_000);

  test('given a source that closes in whatever state, when it has, then no request comes, and no connection is left', async () => {
    const { source, server, counts } = await watching((response, nth) => (nth > 2 ? undefined : void response.end()));
    await until(() => counts().watches > 1);
    await source.close();
    await server.drained();
    const { length } = server.requests;
    await pause(300);
    expect(server.requests).toHaveLength(length);
  });
});

describe('kubernetesSecrets: answers that are those of something else', () => {
  test.each([
    ['the name of another', { ...secret('5'), metadata: { ...secret('5').metadata, name: 'other' } }],
    ['another namespace', secret('5', 'canary-value', { namespace: 'other' })],
    ['another kind', { ...secret('5'), kind: 'ConfigMap' }],
    ['a key that is not a string', { ...secret('5'), data: { key: 5 } }],
  ])('given %s, when it is read, listed or told, then it is not a value of the one that was asked for', async (_, object) => {
    const server = await startServer((request, response) => {
      if (request.url!.includes('watch=1')) return void response.end(event('ADDED', object));
      response.end(request.url!.endsWith('/secrets/db') ? JSON.stringify(object) : listOf([]));
    });
    const source = sourceOf(file(config(server.url)), QUICK);
    const found = (await source.read(['db'], context())).get('db');
    expect(found).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(printed(found)).not.toContain('canary-value');
  }, 30_000); // prettier-ignore

  test('given a redirect to another host, when read, then it gets neither a request nor the token', async () => {
    const other = await startServer((_, response) => void response.end(JSON.stringify(secret('5'))));
    const server = await startServer((_, response) => void response.writeHead(307, { location: `${other.url}/x` }).end()); // prettier-ignore
    const found = (await sourceOf(file(config(server.url))).read(['db'], context())).get('db');
    expect(found).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    expect(other.requests).toHaveLength(0);
  });

  test('given names each watched by itself, when the storage of one is found to be of an earlier time, then the others are not gone', async () => {
    let isRestored = false;
    const a = (version: string) => ({ ...secret(version), metadata: { ...secret(version).metadata, name: 'a' } });
    const server = await startServer((request, response) => {
      const url = decodeURIComponent(request.url!);
      const isA = url.includes('metadata.name=a') || url.endsWith('/secrets/a');
      if (!url.includes('fieldSelector') && url.includes('/secrets?')) return void response.writeHead(403).end(JSON.stringify(status(403, 'Forbidden'))); // prettier-ignore
      if (url.includes('watch=1')) {
        response.writeHead(200).write(BOOKMARK);
        const timer = setInterval(() => !isA && response.write(BOOKMARK), 50);
        return void response.on('close', () => clearInterval(timer));
      }
      const version = isRestored ? '2' : '5';
      const one = isA ? a(version) : secret(version);
      response.end(url.includes('fieldSelector') ? listOf([one], version) : JSON.stringify(one));
    });
    const source = sourceOf(file(config(server.url)), { ...QUICK, silence: 1_000 });
    const told: unknown[] = [];
    await source.watch(recordingListener((names) => told.push(...(names ?? []))).listener);
    await source.read(['a', 'db'], context());
    await pause(200);
    await source.read(['a', 'db'], context()); // by what is watched now
    isRestored = true;
    await until(() => told.includes('a'));
    expect([...(await source.read(['a', 'db'], context())).keys()].sort()).toEqual(['a', 'db']);
  }, 20_000);

  test('given a key called __proto__, when written and read, then it is a key as any other', async () => {
    const bodies: string[] = [];
    const server = await startServer((request, response) => {
      if (request.method === 'PATCH') bodies.push(request.headers['content-type']!);
      response.end('{"metadata":{"name":"db","resourceVersion":"5"},"data":{"__proto__":"Mg==","constructor":"Mg==","toString":"Mg=="}}'); // prettier-ignore
    });
    const source = sourceOf(file(config(server.url)));
    await source.write('db', '{"__proto__":"1","constructor":"1","A.b":"1"}', context());
    const patch = server.requests.find(({ method }) => method === 'PATCH')!;
    expect(JSON.parse(patch.body).data).toEqual(JSON.parse('{"__proto__":"MQ==","constructor":"MQ==","toString":null,"A.b":"MQ=="}')); // prettier-ignore
    const { value } = (await source.read(['db'], context())).get('db') as { value: SecretValue };
    expect(Object.keys(value as object).sort()).toEqual(['__proto__', 'constructor', 'toString']);
  });
});

describe('kubernetesSecrets: odd kubeconfigs', () => {
  const YAML = (server: string, user: string) => `
current-context: a
contexts: [{ name: a, context: { cluster: a, user: a } }]
clusters: [{ name: a, cluster: { server: '${server}' } }]
base: &base { token: canary-token }
users: [{ name: a, user: ${user} }]
`;

  test('given merge keys and tags, when read, then they count as with kubectl, and no warning quotes a token', async () => {
    const warnings: string[] = [];
    const warned = (warning: Error): void => void warnings.push(printed(warning));
    process.on('warning', warned);
    try {
      const server = await startServer((request, response) => void response.end(JSON.stringify(request.headers.authorization === 'Bearer canary-token' ? secret('5') : {}))); // prettier-ignore
      for (const user of ['{ <<: *base }', '{ token: !mine canary-token }']) {
        expect((await sourceOf(file(YAML(server.url, user))).read(['db'], context())).get('db')).toMatchObject({ version: '5' }); // prettier-ignore
      }
      await pause(20);
    } finally {
      process.off('warning', warned);
    }
    expect(warnings.join()).not.toContain('canary');
  });

  test('given aliases of aliases without end, when read, then it is not a kubeconfig', async () => {
    const bomb = `a: &a [x, x]\n${[...'bcdefghijklmnopqrstuvwxyz'].map((key, at) => `${key}: &${key} [${`*${'abcdefghijklmnopqrstuvwxyz'[at]}, `.repeat(9)}]`).join('\n')}\n`; // prettier-ignore
    await expect(sourceOf(file(bomb)).readAll(context())).rejects.toThrow(/is not a kubeconfig/);
  });

  test.each(['kubeconfig', 'tokenFile', 'client-certificate', 'certificate-authority'])('given a pipe that nobody writes into as %s, when read, then it fails at once, and holds up nobody', async (part) => {
    const pipe = join(temporaryFolder(), 'pipe');
    execFileSync('mkfifo', [pipe]);
    const path = file(
      JSON.stringify({
        'current-context': 'a',
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
        clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:1', [part]: pipe } }],
        users: [{ name: 'a', user: { [part]: pipe } }],
      }),
    );
    const failure = sourceOf(part === 'kubeconfig' ? pipe : path).readAll(context());
    await expect(failure).rejects.toThrow(/is not a regular file/);
    await expect(failure).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
  }); // prettier-ignore

  test('given a byte order mark, when read, then it is a kubeconfig', async () => {
    const server = await startServer((_, response) => void response.end(JSON.stringify(secret('5'))));
    const source = sourceOf(file(`\ufeff${config(server.url)}`));
    expect((await source.read(['db'], context())).get('db')).toMatchObject({ version: '5' });
  });

  const exec = (more: object) => ({ exec: { apiVersion: 'client.authentication.k8s.io/v1', interactiveMode: 'Never', ...more } }); // prettier-ignore

  test.each([
    { command: 'node', args: ['canary\u0000'] },
    { command: 'node', env: [{ name: 'A', value: 'canary\u0000' }] },
    { command: 'canary\u0000' },
    { command: 'node', args: ['-e', 'process.exit(1)', 'canary-argument'] },
  ])('given the plugin %j, when it can’t be run, then the error quotes nothing of it', async (plugin) => {
    const failure: unknown = await sourceOf(file(config('http://127.0.0.1:1', exec(plugin)))).readAll(context()).catch((error: unknown) => error); // prettier-ignore
    expect(failure).toMatchObject({ sourceKind: 'kubernetes' });
    if (plugin.args || plugin.env) expect(printed(failure)).not.toContain('canary');
  });

  test('given a plugin whose tokens are refused for good, when many ask again and again, then it is not run for each', async () => {
    const folder = temporaryFolder();
    const [command, runs] = [join(folder, 'plugin'), join(folder, 'runs')];
    writeFileSync(command, `#!/bin/sh\nprintf x >> '${runs}'\necho '{"status":{"token":"canary-token"}}'\n`);
    chmodSync(command, 0o755);
    const server = await startServer((_, response) => void response.writeHead(401).end(JSON.stringify(status(401, 'Unauthorized')))); // prettier-ignore
    const source = sourceOf(file(config(server.url, exec({ command }))), QUICK);
    for (let n = 0; n < 10; n += 1) {
      const many = await Promise.all([1, 2, 3, 4].map((k) => source.read([`db-${k}`], context())));
      expect(many[0]!.get('db-1')).toMatchObject({ code: 'SECRET_AUTHENTICATION' });
    }
    expect(existsSync(runs) ? readFileSync(runs, 'utf8').length : 0).toBeLessThan(4);
  }, 20_000);
});
