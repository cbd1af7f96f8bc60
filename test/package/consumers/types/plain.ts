// What a user sees who names no types: any name goes. All of the public surface is drawn in, so that each declaration is compiled.
import { Module } from '@nestjs/common';
import * as main from 'nestjs-hcp-vault';
import type { SecretRotatedEvent, SecretSource } from 'nestjs-hcp-vault';
import {
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  memorySource,
  OnSecretRotated,
  rotatingProvider,
  SecretVersion,
  WithSecrets,
} from 'nestjs-hcp-vault';
import { HcpVaultSecretsEmulator, HcpVaultTestClient, HcpVaultTestingModule } from 'nestjs-hcp-vault/testing';

export type Everything = typeof main;

declare const client: main.HcpVaultClient;
export const text: string = client.get<string>('ANY_NAME');
export const field: Promise<{ a: 1 }> = client.fetch<{ a: 1 }>('ANY', { field: 'a.b', forceRefresh: true });
export const inferred: string = client.get('ANY', { version: '2' });
declare const options: main.ReadOptions;
export const withOptions: string = client.get<string>('ANY', options);
export const untypedToo: string = client.get<string>(main.untyped('ANY'));
client.rotations$.subscribe((event: SecretRotatedEvent) => event.name);

export class Consumer {
  @InjectSecretField('ANY', 'values.user') readonly user!: string;
  constructor(@InjectSecret('ANY', { default: 'x' }) readonly any: string) {}

  @WithSecrets()
  charge(amount: number, @InjectSecret('ANY') key?: string): string {
    return `${amount}${key}`;
  }

  @OnSecretRotated('ANY')
  rotated(event: SecretRotatedEvent<string>): string {
    return event.current;
  }
}

export class Pool {
  constructor(readonly options: { password: string }) {}
  end(): Promise<void> {
    return Promise.resolve();
  }
}

export const pool = rotatingProvider({
  provide: 'POOL',
  secret: 'ANY',
  create: (secret) => new Pool({ password: String(secret) }),
  dispose: (made) => made.end(),
  rejects: (error) => error instanceof Error,
});

export const custom: SecretSource = {
  kind: 'custom',
  read: (names) => Promise.resolve(new Map(names.map((name) => [name, SecretVersion.of({ name })]))),
};

@Module({
  imports: [
    HcpVaultModule.forRoot({ source: memorySource({ A: 'a' }), cache: { maxAge: '5m' } }),
    HcpVaultModule.forRootAsync({ connection: 'second', useFactory: () => ({ source: custom }) }),
  ],
})
export class AppModule {}

export const inTests = HcpVaultTestingModule.forTest({ ANY: 'value' });
export const rotated = (testClient: HcpVaultTestClient): Promise<unknown> => testClient.rotate('ANY', 'next');

export const started: Promise<HcpVaultSecretsEmulator> = HcpVaultSecretsEmulator.start({ apps: { web: { KEY: 'v' } } });
