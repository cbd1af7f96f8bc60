import { createSecureContext } from 'node:tls';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectSecretRef, OnSecretRotated, type SecretRef } from 'nestjs-hcp-vault';
import { ServerCertificate } from './server-certificate.js';

@Injectable()
export class GrpcCertificate extends ServerCertificate implements OnModuleInit {
  @InjectSecretRef('TLS') private readonly tls!: SecretRef<{ key: string; cert: string }>;

  @OnSecretRotated('TLS')
  onModuleInit(): void {
    const { key, cert } = this.tls.value;
    createSecureContext({ key, cert }); // throws where they do not fit: grpc-js would take no connection any more
    this.set({ certificate: Buffer.from(cert), privateKey: Buffer.from(key) });
  }
}
