import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWith } from './available.js';
import { CLIENT, KeyVaultServer, TENANT } from './key-vault/index.js';
import { azureClients } from './locations.mjs';

/** What both have to make of the same vault. */
const EXPECTED = {
  before: ['one', 'text/plain', { team: 'shop' }, Date.parse('2031-01-02T03:04:05Z') / 1000],
  current: ['two', true, true],
  listed: 31,
  versions: 2,
  disabled: '403 Forbidden',
  changed: { team: 'two' },
  gone: '404 SecretNotFound',
  reused: '409 Conflict',
  deleted: ['db'],
  recovered: 'two',
  purged: 0,
  missing: '404 SecretNotFound',
};

describeWith(['azure-clients'], 'the Key Vault emulator, asked by Microsoft’s own clients', () => {
  const programs = join(process.cwd(), 'test/servers/key-vault/clients');
  const folder = azureClients() ?? ''; // looked at though its tests are left out

  it.each([
    ['Node', process.execPath, 'witness.mjs'],
    ['Python', join(folder, 'python/bin/python'), 'witness.py'],
  ])(
    'given the client for %s, when it signs in, writes, reads, lists, disables, deletes and recovers, then all is as it knows it from the service',
    async (_, command, program) => {
      const server = await KeyVaultServer.start();
      const place = await mkdtemp(join(tmpdir(), 'key-vault-ca-'));
      const ca = join(place, 'ca.pem');
      await writeFile(ca, server.ca);
      const env = {
        PATH: process.env['PATH'] ?? '',
        PACKAGES: join(folder, 'node'),
        VAULT_URL: server.url,
        AUTHORITY: server.entra.url,
        TENANT,
        CLIENT,
        SECRET: server.entra.clientSecret,
        NODE_EXTRA_CA_CERTS: ca,
        REQUESTS_CA_BUNDLE: ca,
      };
      try {
        const { stdout } = await promisify(execFile)(command, [join(programs, program)], { env });
        expect(JSON.parse(stdout)).toEqual(EXPECTED);
        // The first request of each comes without a token: an emulator that takes it takes a write without its body.
        expect(server.requests[0]).toMatchObject({ method: 'PUT', status: 401 });
        expect(server.entra.signIns.every((way) => way === 'client_secret')).toBe(true);
      } finally {
        await server.stop();
        await rm(place, { recursive: true });
      }
    },
    60_000,
  );
});
