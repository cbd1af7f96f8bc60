import type { ServerResponse } from 'node:http';
import type { EmulatorOptions, Seed } from 'nestjs-hcp-vault/testing';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import type { SecretError } from '../../../lib/core/errors/index.js';
import type { SecretVersion } from '../../../lib/core/secret/secret-version.js';
import type { HcpVaultSecretsOptions, HcpVaultSecretsSource } from '../../../lib/sources/hcp-vault-secrets/index.js';
import { hcpVaultSecrets } from '../../../lib/sources/hcp-vault-secrets/index.js';
import type { TestServer } from './server.js';
import { startServer, stopServers } from './server.js';

export const CLIENT_SECRET = 'canary-client-secret-7d31';
export const TOKEN = 'canary-access-token-52ab';

const IDS = {
  organizationId: 'org-1',
  projectId: 'project-1',
  appName: 'web',
  clientId: 'client-1',
  clientSecret: CLIENT_SECRET,
};
export const ROOT = '/secrets/2023-11-28/organizations/org-1/projects/project-1/apps/web';

const sources: HcpVaultSecretsSource[] = [];
const emulators: HcpVaultSecretsEmulator[] = [];

export function sourceAt(url: string, options: HcpVaultSecretsOptions = {}): HcpVaultSecretsSource {
  const source = hcpVaultSecrets({ ...IDS, apiUrl: url, authUrl: url, ...options } as HcpVaultSecretsOptions);
  sources.push(source);
  return source;
}

/** An emulator with one app, `web`, and a source that reads it. */
export async function emulated(secrets: Seed['apps'][string], options?: EmulatorOptions) {
  const { appName, ...ids } = IDS;
  const emulator = await HcpVaultSecretsEmulator.start({ ...ids, apps: { [appName]: secrets } }, options);
  emulators.push(emulator);
  return { emulator, source: sourceAt(emulator.apiUrl) };
}

/** What the emulator was asked, without token requests: `GET /secrets/KEY:open`. */
export const asked = (emulator: HcpVaultSecretsEmulator): string[] =>
  emulator.requests
    .filter(({ path }) => path.startsWith(ROOT))
    .map(({ method, path }) => `${method} ${path.slice(ROOT.length)}`);

export type Answers = (path: string, response: ServerResponse) => void;

/** A server that gives tokens, and lets `answer` speak for the API; paths are those below the app. */
export async function faked(answer: Answers, token: object = { access_token: TOKEN, expires_in: 3600 }) {
  const server: TestServer = await startServer((request, response) => {
    if (request.url === '/oauth2/token') return void response.end(JSON.stringify(token));
    answer((request.url ?? '').slice(ROOT.length), response);
  });
  return { server, source: sourceAt(server.url) };
}

export const json = (
  response: ServerResponse,
  body: unknown,
  status = 200,
  headers: Record<string, string> = {},
): void =>
  void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

export async function cleanUp(): Promise<void> {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await Promise.all(emulators.splice(0).map((emulator) => emulator.stop()));
  await stopServers();
}

export const context = (): { signal: AbortSignal } => ({ signal: new AbortController().signal });

export const valuesOf = (results: ReadonlyMap<string, SecretVersion | SecretError>): Record<string, unknown> =>
  Object.fromEntries([...results].map(([name, found]) => [name, 'value' in found ? found.value : found.code]));

export const failureOf = (work: Promise<unknown>): Promise<SecretError & { effect?: string; retryAfter?: number }> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as SecretError,
  );
