import { setImmediate as turn } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';
import type { Server } from 'node:https';
import type { PeerCertificate } from 'node:tls';
import { Controller, Get } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { generate } from 'selfsigned';
import { Agent, request } from 'undici';
import { HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';
import { Load } from './support/load.js';
import { writeRow } from './support/rows.js';
import { Certificate } from './tls/certificate.provider.js';

@Controller()
class Api {
  @Get()
  get(): string {
    return 'in';
  }
}

const certificate = async (turnOf: number) => {
  const made = await generate([{ name: 'commonName', value: `turn-${turnOf}` }], {
    algorithm: 'sha256',
    keySize: 2048,
  });
  return { key: made.private, cert: made.cert };
};

// The file of docs/recipes/certificates.md, as it stands there.
describe('the recipe of an HTTPS server', () => {
  it('given 200 clients, when the certificate is renewed ten times, then no request fails, and new connections see the newest', async () => {
    const certificates = await Promise.all(Array.from({ length: 11 }, (_, at) => certificate(at)));
    const source = memorySource({ TLS: certificates[0]! });
    const module = await Test.createTestingModule({
      imports: [HcpVaultModule.forRoot({ source })],
      providers: [Certificate],
      controllers: [Api],
    }).compile();
    const nest = module.createNestApplication({ logger: false, httpsOptions: {} });
    await nest.listen(0, '127.0.0.1');
    const { port } = (nest.getHttpServer() as Server).address() as AddressInfo;
    const seen = new Set<string>();
    const ca = certificates.map(({ cert }) => cert);
    const checkServerIdentity = (_host: string, { subject }: PeerCertificate) => void seen.add(String(subject.CN));
    // Without sessions that are resumed each connection is shown the certificate.
    const agent = () => new Agent({ maxCachedSessions: 0, connect: { checkServerIdentity, ca } });
    const dispatcher = agent();
    const load = new Load(200, async () => {
      const { statusCode, body } = await request(`https://127.0.0.1:${port}/`, { dispatcher, reset: true });
      await body.dump();
      if (statusCode !== 200) throw new Error(String(statusCode));
    });
    await load.until(100);
    for (let at = 1; at <= 10; at += 1) {
      source.rotate('TLS', certificates[at]!);
      await module.get(HcpVaultClient).refresh('TLS');
      while (!seen.has(`turn-${at}`)) await turn();
      await load.until(50);
    }
    const { operations, failures } = await load.stop();
    const row = { recipe: 'HTTPS server', page: 'certificates.md', server: 'Node', alive: undefined };
    writeRow({ ...row, order: 'secret first', operations, failed: failures.length });
    for (const order of ['database first', 'users by turns'] as const) {
      writeRow({ ...row, order, operations: 0, failed: 0, reason: 'no other side' });
    }
    expect(failures).toEqual([]);
    // One that does not fit its key is refused, told in the log, and the last good one stays.
    source.rotate('TLS', { key: certificates[0]!.key, cert: certificates[1]!.cert });
    await module.get(HcpVaultClient).refresh('TLS');
    await dispatcher.close();
    seen.clear();
    const another = agent();
    await request(`https://127.0.0.1:${port}/`, { dispatcher: another }).then(({ body }) => body.dump());
    expect([...seen]).toEqual(['turn-10']);
    await another.close();
    await nest.close();
  }, 60_000);
});
