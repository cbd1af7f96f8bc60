import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describeWith } from '../../servers/available.js';
import { GoogleAuthServer, SUBJECT_TOKEN } from '../../servers/google/auth.server.js';
import { GoogleSecretManagerServer } from '../../servers/google/secret-manager.server.js';
import { googleGoClient, googleNodeClient, googlePythonClient } from '../../servers/locations.mjs';

// The emulator is held against Google's own clients, as black boxes, before tests of ours rely on it.

const run = promisify(execFile);
const here = (file: string): string => fileURLToPath(new URL(`../../servers/google/${file}`, import.meta.url));
const PARENT = 'projects/app-project';

type Witness = (server: GoogleSecretManagerServer, parent: string, mode: string, env?: object) => Promise<unknown>;

const seenBy =
  (command: string, args: readonly string[]): Witness =>
  async ({ url }, parent, mode, env = {}) => {
    const environment = { PATH: process.env['PATH'], HOME: '/nonexistent', ...env };
    const { stdout } = await run(command, [...args, url, parent, mode], { env: environment, timeout: 60_000 });
    return JSON.parse(stdout) as unknown;
  };

/** What a client makes of an error: its number, and a text that ends, or is JSON, with the service's. */
const failed = (code: number, text: string): unknown => [code, expect.stringContaining(text)];

const COMMON = {
  created: ['witness', { env: 'prod' }],
  again: 409,
  empty: failed(404, 'not found or has no versions'),
  'wrong checksum': 400,
  latest: ['2', 'zwölf', true],
  alias: ['1', 'first', true],
  listed: ['other', 'witness'],
  filtered: ['witness'],
  disabled: failed(400, 'versions/2] is in DISABLED state.'),
  enabled: ['1'],
  'wrong etag': 409,
  destroyed: failed(400, 'versions/2] is in DESTROYED state.'),
  missing: failed(404, '/secrets/none] not found'),
  left: [],
};

const clients = [
  ["Google's client for Python", () => seenBy(googlePythonClient()!, [here('witness.py')]), 3],
  ["Google's client for Node", () => seenBy(process.execPath, [here('witness.mjs'), googleNodeClient()!]), 3],
  // It has the token endpoint exchange what a service account signs.
  ["Google's client for Go", () => seenBy(googleGoClient()!, []), 4],
] as const;

for (const [name, make, issued] of clients) {
  describeWith([name], `the emulator of Google Secret Manager, as ${name} sees it`, () => {
    const running: { stop(): Promise<void> }[] = [];
    let folder: string;
    const started = async <T extends { stop(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
      const server = await starting;
      running.push(server);
      return server;
    };

    beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'google-witness-'))));
    afterEach(() => Promise.all(running.splice(0).map((server) => server.stop())));
    afterAll(() => rm(folder, { recursive: true }));

    it.each([undefined, 'europe-west3'])(
      'given secrets of location %s, when they are made, read, listed and removed, then all is as with the service',
      async (location) => {
        const server = await started(GoogleSecretManagerServer.start({ location }));
        const parent = location === undefined ? PARENT : `${PARENT}/locations/${location}`;
        expect(await make()(server, parent, 'anonymous')).toMatchObject(COMMON);
      },
      60_000,
    );

    it('given a server that wants a token, when the default credentials are used, then each kind gets one that it takes', async () => {
      const auth = await started(GoogleAuthServer.start());
      const server = await started(GoogleSecretManagerServer.start({ accepts: auth.accepts }));
      server.set('witness', 'secret');
      await writeFile(join(folder, 'subject'), SUBJECT_TOKEN);
      const file = async (content: object): Promise<object> => {
        const path = join(folder, 'credentials.json');
        await writeFile(path, JSON.stringify(content));
        return { GOOGLE_APPLICATION_CREDENTIALS: path, GOOGLE_CLOUD_PROJECT: 'app-project' };
      };
      const metadata = { GCE_METADATA_HOST: auth.host, GCE_METADATA_IP: auth.host };
      for (const kind of [
        () => file(auth.serviceAccount()),
        () => file(auth.externalAccount({ file: join(folder, 'subject') })),
        () => metadata,
      ]) {
        const environment = await kind();
        expect(await make()(server, PARENT, 'default', environment)).toEqual({ latest: ['1', 'secret', true] });
      }
      expect(auth.issued).toHaveLength(issued); // exchanged and impersonated, and that of the metadata server; for Python and Node a service account signs its own
    }, 60_000);
  });
}
