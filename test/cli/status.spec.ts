import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { differences } from '../../lib/cli/status/compared-replicas.js';
import type { StatusReport } from '../../lib/core/status/status-report.js';
import { shownApp, TOKEN, type ShownApp } from '../nest/status/apps.js';
import { called } from './called.js';

let apps: ShownApp[];
beforeAll(async () => {
  apps = [await shownApp({ framework: 'Express' }), await shownApp({ framework: 'Fastify' })];
});
afterAll(() => Promise.all(apps.map(({ app }) => app.close())));

const pages = (): string[] => apps.map(({ origin }) => `${origin}/secrets-status`);
const environment = { HCP_VAULT_STATUS_TOKEN: TOKEN };

async function answering(body: string, status = 200): Promise<{ server: Server; url: string }> {
  const server = createServer((_, response) => void response.writeHead(status).end(body)).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secrets-status` };
}

/** A report of which one secret has something else. */
const reported = (secret: object): string =>
  JSON.stringify({
    verdict: { level: 'ok', headline: 'All is well.', text: 'All is well.' },
    replica: { host: 'web-2', pid: 2, version: '0.1.0' },
    secrets: [{ name: 'KEY', connection: 'default', standing: 'current', ...secret }],
  });

describe('nestjs-hcp-vault status', () => {
  it('given an app, when it is asked, then verdict and secrets are told, and no value', async () => {
    const { code, out, err } = await called(['status', pages()[0]!], { environment });
    expect([code, err]).toEqual([0, '']);
    expect(out).toMatch(/^ok: All 2 secrets are current\./);
    expect(out).toMatch(/\nSECRET +CONNECTION +STANDING +VERSION +READ +NEXT\nKEY +default +current /);
    expect(out).not.toContain('canary');
  });

  it('given several, when they are asked, then there is a line each, and JSON holds what they say', async () => {
    const { code, out } = await called(['status', ...pages()], { environment });
    expect(code).toBe(0);
    expect(out).toMatch(
      /\n#1 .*:\d+ +ok +2 .*\n#2 .*:\d+ +ok +2 .*\n\nAll versions that can be compared are the same\.\n$/,
    );
    const json = await called(['status', ...pages(), '--format', 'json'], { environment });
    const { replicas } = JSON.parse(json.out) as { replicas: { report: StatusReport }[] };
    expect(replicas.map(({ report }) => report.secrets.length)).toEqual([2, 2]);
  });

  it('given a token in a file, when it is asked, then that is taken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'status-'));
    const file = join(folder, 'token');
    await writeFile(file, `${TOKEN}\n`);
    expect((await called(['status', pages()[0]!, '--token-file', file])).code).toBe(0);
    await writeFile(file, 'two\nlines');
    expect(await called(['status', pages()[0]!, '--token-file', file])).toMatchObject({ code: 2, out: '' });
    await rm(folder, { recursive: true });
    expect((await called(['status', pages()[0]!, '--token-file', file])).err).toContain('ENOENT');
  });

  it('given no token, or a replica that is away, when they are asked, then it ends with 3 and shows the others', async () => {
    const none = await called(['status', pages()[0]!]);
    expect(none).toMatchObject({ code: 3, out: '' });
    expect(none.err).toContain('HCP_VAULT_STATUS_TOKEN');
    const some = await called(['status', 'http://127.0.0.1:1/secrets-status', pages()[0]!], { environment });
    expect(some.code).toBe(3);
    expect(some.out).toMatch(/\n#1 +http:\/\/127\.0\.0\.1:1\/secrets-status +no answer .*\n#2 .* ok /);
  });

  it('given one of several that says what nobody understands, when they are asked, then the others are shown', async () => {
    const [odd, well] = [await answering(reported({ why: { canary: 'canary-why' } })), await answering(reported({}))];
    const { code, out } = await called(['status', odd.url, well.url], { environment });
    odd.server.close();
    well.server.close();
    expect(code).toBe(3);
    expect(out).toMatch(/\n#1 .* no answer .* no status page .*\n#2 +web-2:2 +ok +1 /);
  });

  it.each([
    ['<html>canary-page</html>', 200],
    ['{"secrets":[1]}', 200],
    ['{"verdict":{},"replica":{},"secrets":[{"name":"canary-name"}]}', 200],
    [reported({ version: { toString: 1 } }), 200],
    [reported({ why: 7 }), 200],
    [reported({ connection: 5 }), 200],
    ['canary-body', 302],
    ['canary-body', 404],
    ['canary-body', 500],
  ])('given %#, when it answers, then it is not a status page, and nothing of it is quoted', async (body, status) => {
    const { server, url } = await answering(body, status);
    const { code, out, err } = await called(['status', url], { environment });
    expect([code, out]).toEqual([3, '']);
    expect(err).not.toContain('canary');
    server.close();
  });

  it.each([
    ['https://leaked@app.example/secrets-status', 'no credentials and no query'],
    ['https://app.example/secrets-status?token=leaked', 'no credentials and no query'],
    ['leaked', 'that of a status page'],
    ['http://app.example/secrets-status', 'allowInsecure'],
  ])('given %s, when it is to be asked, then it is refused', async (url, said) => {
    const { code, err } = await called(['status', url], { environment });
    expect(code).toBe(2);
    expect(err).toContain(said);
    expect(err).not.toContain('leaked');
  });

  it('given replicas with other versions, when they are compared, then those that tell nothing to others are left out', () => {
    const report = (version: string, versionKind: string) =>
      ({ secrets: [{ connection: 'default', name: 'DB', version, versionKind }] }) as unknown as StatusReport;
    const versions = ['7', '8'];
    expect(differences(versions.map((version) => report(version, 'source')))).toEqual([
      { connection: 'default', name: 'DB', versions },
    ]);
    expect(differences(versions.map((version) => report(version, 'process')))).toEqual([]);
    expect(
      differences([report('7', 'source'), report('7', 'source'), { secrets: [] } as unknown as StatusReport]),
    ).toEqual([]);
  });
});
