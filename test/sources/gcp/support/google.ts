import { setMaxListeners } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecretError } from '../../../../lib/core/errors/index.js';
import type { SecretVersion } from '../../../../lib/core/secret/secret-version.js';
import { GoogleSecretManagerSource } from '../../../../lib/sources/gcp/secret-manager/google-secret-manager.source.js';
import type { GoogleSecretManagerOptions } from '../../../../lib/sources/gcp/index.js';
import type { TestHooks } from '../../../../lib/sources/gcp/secret-manager/google-secret-manager.settings.js';
import { GoogleAuthServer } from '../../../servers/google/auth.server.js';
import type { GoogleServerOptions } from '../../../servers/google/secret-manager.server.js';
import { GoogleSecretManagerServer, PROJECT } from '../../../servers/google/secret-manager.server.js';
import { stopServers } from '../../support/server.js';

export const TOKEN = 'canary-google-token-31fe';

const sources: GoogleSecretManagerSource[] = [];
const folders: string[] = [];

/** A source that needs no sign-in of its own, unless `auth` is given as undefined. */
export function sourceAt(
  url: string,
  options: GoogleSecretManagerOptions = {},
  hooks: TestHooks = {},
): GoogleSecretManagerSource {
  const environment = { HOME: '/nonexistent', METADATA_SERVER_DETECTION: 'none' };
  const auth = { getAccessToken: () => Promise.resolve(TOKEN) };
  const given = { projectId: PROJECT, endpoint: url, auth, ...options };
  const source = new GoogleSecretManagerSource(given, { environment, ...hooks });
  sources.push(source);
  return source;
}

/** The emulator, and a source that reads it. */
export async function emulated(
  values: Readonly<Record<string, string | Uint8Array | object>> = {},
  options: GoogleSecretManagerOptions = {},
  server: GoogleServerOptions = {},
) {
  const google = await GoogleSecretManagerServer.start({ location: options.location, ...server });
  for (const [id, value] of Object.entries(values)) google.set(id, value);
  return { google, source: sourceAt(google.url, options) };
}

/** An emulator that wants tokens, and the endpoints that give them; `signedIn` makes a source with an environment, and a file of credentials in it. */
export async function withSignIn() {
  const auth = await GoogleAuthServer.start();
  const google = await GoogleSecretManagerServer.start({ accepts: auth.accepts });
  google.set('KEY', 'value');
  const folder = await mkdtemp(join(tmpdir(), 'google-sign-in-'));
  folders.push(folder);
  const write = async (name: string, content: string | object): Promise<string> => {
    const path = join(folder, name);
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  };
  const signedIn = (
    environment: Record<string, string>,
    options: GoogleSecretManagerOptions = {},
    hooks: TestHooks = {},
  ): GoogleSecretManagerSource =>
    sourceAt(google.url, { auth: undefined, ...options }, { environment: { HOME: folder, ...environment }, ...hooks });
  const withFile = async (content: string | object, options?: GoogleSecretManagerOptions, hooks?: TestHooks) =>
    signedIn({ GOOGLE_APPLICATION_CREDENTIALS: await write('credentials.json', content) }, options, hooks);
  return { auth, google, folder, write, signedIn, withFile };
}

/** What was asked: `GET secrets/KEY/versions/latest:access`. */
export const asked = (google: GoogleSecretManagerServer): string[] =>
  google.requests.map(({ method, path }) => `${method} ${path.replace(/^\/v1\/projects\/[^/]+\//, '')}`);

export const context = (more: object = {}) => {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  return { signal, ...more };
};

export const valuesOf = (results: ReadonlyMap<string, SecretVersion | SecretError>): Record<string, unknown> =>
  Object.fromEntries([...results].map(([name, found]) => [name, 'value' in found ? found.value : found.code]));

/** The error of one name. */
export async function errorOf(
  source: GoogleSecretManagerSource,
  name = 'KEY',
  more: object = {},
): Promise<SecretError> {
  const found = (await source.read([name], context(more))).get(name);
  if (found && 'code' in found) return found;
  throw new Error(`${name} is ${found ? 'there' : 'absent'}`);
}

export const failureOf = (work: Promise<unknown>): Promise<SecretError> =>
  work.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as SecretError,
  );

export async function cleanUp(): Promise<void> {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await stopServers();
  await Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true })));
}
