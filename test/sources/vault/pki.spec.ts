import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:tls';
import type { VaultClient } from '../../../lib/sources/vault/index.js';
import { VaultInvalidRequestError } from '../../../lib/sources/vault/index.js';
import { describeOnEachVault } from '../../servers/available.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients } from './support/clients.js';

/** The name that node's TLS takes the server for, if it does. */
async function shakeHands(identity: { key: string; cert: string }, ca: string, servername: string): Promise<string> {
  const server = createServer(identity, (socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = connect({ port, host: '127.0.0.1', ca, servername });
  try {
    await once(socket, 'secureConnect');
    return String(socket.getPeerCertificate().subject.CN);
  } finally {
    socket.destroy();
    server.close();
  }
}

describeOnEachVault([], 'VaultClient against %s: PKI', (product) => {
  let server: VaultServer;
  let client: VaultClient;

  beforeAll(async () => {
    server = await startDevVault(product);
    client = clientTo(server);
    await client.sys.enableEngine('pki', { config: { max_lease_ttl: '240h' } });
    await client.write('pki/root/generate/internal', { common_name: 'Test CA', ttl: '240h' });
    await client.write('pki/roles/web', {
      allowed_domains: ['shop.test'],
      allow_subdomains: true,
      allow_ip_sans: true,
      key_type: 'any',
      max_ttl: '72h',
    });
  });
  afterAll(async () => {
    await closeClients();
    await server?.stop();
  });

  test('given a role, when a certificate is issued, then node’s TLS takes it for that name alone', async () => {
    await client.write('pki/roles/ec', {
      allowed_domains: ['shop.test'],
      allow_subdomains: true,
      key_type: 'ec',
      key_bits: 256,
    });
    const { data } = await client.pki.issue('ec', {
      commonName: 'www.shop.test',
      altNames: 'api.shop.test',
      ipSans: '127.0.0.1',
      ttl: '24h',
    });
    expect(data).toMatchObject({ private_key_type: 'ec', serial_number: expect.stringMatching(/^[0-9a-f:]+$/) });
    const identity = { key: data.private_key, cert: data.certificate };
    expect(await shakeHands(identity, data.issuing_ca, 'www.shop.test')).toBe('www.shop.test');
    expect(await shakeHands(identity, data.issuing_ca, 'api.shop.test')).toBe('www.shop.test');
    await expect(shakeHands(identity, data.issuing_ca, 'else.test')).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  test('given the CA, when read without a token, then it is what vouches for certificates', async () => {
    const { data } = await clientTo({ address: server.address }).pki.readCa();
    await client.write('pki/roles/any', { allow_any_name: true, key_type: 'ec', key_bits: 256, ttl: '1h' });
    const issued = (await client.pki.issue('any', { commonName: 'a.test' })).data;
    expect(data.certificate.trim()).toBe(issued.issuing_ca.trim());
    expect(data.certificate).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });

  test('given a signing request, when signed, then the key stays here', async () => {
    const other = await client.write<{ csr: string; private_key: string }>('pki/intermediate/generate/exported', {
      common_name: 'api.shop.test',
    });
    const { csr, private_key: key } = other.data;
    const { data } = await client.pki.sign('web', { csr, commonName: 'api.shop.test', ttl: '1h' });
    expect(data).not.toHaveProperty('private_key');
    expect(await shakeHands({ key, cert: data.certificate }, data.issuing_ca, 'api.shop.test')).toBe('api.shop.test');
  });

  test('given a name that the role does not allow, when issued, then 400 with Vault’s text', async () => {
    await expect(client.pki.issue('ec', { commonName: 'evil.test' })).rejects.toBeInstanceOf(VaultInvalidRequestError);
  });

  test('given a certificate, when revoked, then Vault tells when; another mount is used where named', async () => {
    await client.sys.enableEngine('pki', { path: 'team/pki' });
    const mount = 'team/pki';
    await client.write('team/pki/root/generate/internal', { common_name: 'Team CA', ttl: '24h' });
    await client.write('team/pki/roles/any', { allow_any_name: true, key_type: 'ec', key_bits: 256, ttl: '1h' });
    const { data } = await client.pki.issue('any', { commonName: 'a.test' }, { mount });
    const revoked = (await client.pki.revoke(data.serial_number, { mount })).data;
    expect(revoked.revocation_time).toBeGreaterThan(1_700_000_000);
    expect((await client.pki.readCa({ mount })).data.certificate.trim()).toBe(data.issuing_ca.trim());
  });
});
