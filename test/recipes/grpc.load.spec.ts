import { setImmediate as turn } from 'node:timers/promises';
import { experimental } from '@grpc/grpc-js';
import { Logger, Module, type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient, HcpVaultModule, memorySource, type MemorySource } from 'nestjs-hcp-vault';
import { GrpcCertificate } from './grpc/certificate.provider.js';
import { grpcService } from './grpc/microservice.js';
import { Accounts, callersOf, proto } from './support/grpc.callers.js';
import { Load } from './support/load.js';
import { certificateFor } from './support/trusting.side.js';
import { writeRow } from './support/rows.js';
import { ROTATIONS } from './support/under-rotation.js';
import { freePort } from '../servers/child.server.js';

interface Pair {
  readonly key: string;
  readonly cert: string;
}

let certificates: Pair[];
let service: INestMicroservice | undefined;
let url: string;

async function started(source: MemorySource): Promise<INestMicroservice> {
  @Module({
    imports: [HcpVaultModule.forRoot({ source })],
    providers: [GrpcCertificate],
    controllers: [Accounts],
  })
  class AppModule {}
  url = `127.0.0.1:${await freePort()}`;
  process.env['GRPC_URL'] = url;
  process.env['GRPC_PROTO'] = proto;
  service = await NestFactory.createMicroservice(AppModule, { ...grpcService, logger: false, abortOnError: false });
  await service.listen();
  return service;
}

/** Callers that trust all certificates, and tell which they were shown. */
const callers = (seen: Set<string>, callsEach: number) =>
  callersOf(url, callsEach, Buffer.from(certificates.map(({ cert }) => cert).join('\n')), (_host, { subject }) =>
    seen.add(String(subject.CN)),
  );

beforeAll(async () => {
  const turns = Array.from({ length: ROTATIONS + 1 }, (_, turnOf) => certificateFor(`turn-${turnOf}`));
  certificates = await Promise.all(turns);
}, 30_000);
afterEach(() => service?.close());

// The files of docs/recipes/certificates.md, as they stand there.
describe('the recipe of a gRPC server', () => {
  it('given 200 clients, when the certificate is renewed again and again, then no call fails, and new connections see the newest', async () => {
    const source = memorySource({ TLS: certificates[0]! });
    const client = (await started(source)).get(HcpVaultClient);
    const seen = new Set<string>();
    const api = callers(seen, 10);
    const load = new Load(200, api.call);
    await load.until(200);
    for (let at = 1; at <= ROTATIONS && load.result.failures.length === 0; at += 1) {
      source.rotate('TLS', certificates[at]!);
      await client.refresh('TLS');
      while (!seen.has(`turn-${at}`) && load.result.failures.length === 0) await turn();
      await load.until(100);
    }
    const { operations, failures } = await load.stop();
    api.close();
    const row = { recipe: 'gRPC server', page: 'certificates.md', server: '@grpc/grpc-js 1.14.7', alive: undefined };
    writeRow({ ...row, order: 'secret first', operations, failed: failures.length });
    for (const order of ['database first', 'users by turns'] as const) {
      writeRow({ ...row, order, operations: 0, failed: 0, reason: 'no other side' });
    }
    expect(failures.slice(0, 3)).toEqual([]);
    const shown = await shownNow();
    expect(shown).toEqual([`turn-${ROTATIONS}`]);
  }, 60_000);

  it('given a certificate that does not fit its key, when the secret has it, then the log tells, the last good one stays, and the next good one is taken', async () => {
    const source = memorySource({ TLS: certificates[0]! });
    const client = (await started(source)).get(HcpVaultClient);
    const errors: string[] = [];
    Logger.overrideLogger({ log: () => undefined, warn: () => undefined, error: (text: string) => errors.push(text) });
    try {
      source.rotate('TLS', { key: certificates[0]!.key, cert: certificates[1]!.cert });
      await client.refresh('TLS');
      for (let turns = 0; turns < 100 && errors.length === 0; turns += 1) await turn();
    } finally {
      Logger.overrideLogger(false);
    }
    expect(errors).toEqual([expect.stringContaining('GrpcCertificate.onModuleInit')]);
    expect(await shownNow()).toEqual(['turn-0']);
    source.rotate('TLS', certificates[2]!);
    await client.refresh('TLS');
    expect(await shownNow()).toEqual(['turn-2']);
  });

  it('given a certificate that does not fit its key, when the service starts, then the start fails', async () => {
    const source = memorySource({ TLS: { key: certificates[0]!.key, cert: certificates[1]!.cert } });
    await expect(started(source)).rejects.toThrow(/key values mismatch/);
  });

  it('given a connection that is open, when the certificate is renewed, then its calls go on', async () => {
    const source = memorySource({ TLS: certificates[0]! });
    const client = (await started(source)).get(HcpVaultClient);
    const seen = new Set<string>();
    const api = callers(seen, Infinity);
    await api.call();
    source.rotate('TLS', certificates[1]!);
    await client.refresh('TLS');
    await api.call();
    api.close();
    expect([...seen]).toEqual(['turn-0']);
  });

  // What the recipe takes from grpc-js may change in any release: this fails before a recipe of which only the types are wrong does.
  it('given @grpc/grpc-js, when the form of its certificate providers is read, then it is the one that the recipe has', () => {
    expect(experimental.createCertificateProviderServerCredentials).toHaveLength(3);
    expect(Object.getOwnPropertyNames(experimental.FileWatcherCertificateProvider.prototype)).toEqual(
      expect.arrayContaining([
        'addCaCertificateListener',
        'removeCaCertificateListener',
        'addIdentityCertificateListener',
        'removeIdentityCertificateListener',
      ]),
    );
  });
});

/** Which certificate a new connection is shown. */
async function shownNow(): Promise<string[]> {
  const seen = new Set<string>();
  const api = callers(seen, 1);
  await api.call();
  api.close();
  return [...seen];
}
