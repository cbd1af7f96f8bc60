// An app whose options need, over some members, a secret of the connection that they configure. Arguments: members, place of the injections, 'open' to keep a handle open.
import 'reflect-metadata';
import { Inject, Module } from '@nestjs/common';
import type { InjectionToken, Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { getSecretToken, HcpVaultClient, HcpVaultModule, InjectSecret, memorySource } from 'nestjs-hcp-vault';

const [, , count, place, handle] = process.argv;
const names = ['AuditOne', 'AuditTwo', 'AuditThree'].slice(0, Number(count));
const key = getSecretToken('KEY');

function member(name: string, next: string | undefined): Provider {
  if (place === 'factory') return { provide: name, inject: [next ?? key], useFactory: (given: unknown) => ({ given }) };
  const { [name]: type } = { [name]: class {} };
  const decorate = next === undefined ? InjectSecret('KEY') : Inject(next);
  if (place === 'constructor') decorate(type!, undefined, 0);
  else decorate(type!.prototype as object, 'given');
  return { provide: name, useClass: type! };
}

@Module({ providers: names.map((name, i) => member(name, names[i + 1])), exports: [...names] })
class AuditModule {}

const first: InjectionToken = place === 'client' ? HcpVaultClient : (names[0] ?? key);

@Module({
  imports: [
    HcpVaultModule.forRootAsync({
      imports: [AuditModule],
      inject: [first],
      useFactory: () => ({ source: memorySource({ KEY: 'key-1' }) }),
    }),
  ],
})
class AppModule {}

if (handle === 'open') setInterval(() => undefined, 1_000);
void NestFactory.createApplicationContext(AppModule).then(() => console.log('It has started.'));
