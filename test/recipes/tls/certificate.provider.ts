import type { Server } from 'node:https';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { InjectSecretRef, OnSecretRotated, type SecretRef } from 'nestjs-hcp-vault';

@Injectable()
export class Certificate implements OnModuleInit {
  @InjectSecretRef('TLS') private readonly tls!: SecretRef<{ key: string; cert: string }>;
  constructor(private readonly host: HttpAdapterHost) {}

  @OnSecretRotated('TLS')
  onModuleInit(): void {
    (this.host.httpAdapter.getHttpServer() as Server).setSecureContext(this.tls.value);
  }
}
