// Options that wait for themselves in a way that Nest's metadata do not show.
import 'reflect-metadata';
import { Injectable } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import { HcpVaultModule, InjectSecret, memorySource } from 'nestjs-hcp-vault';

class Hidden {}
InjectSecret('KEY')(Hidden, undefined, 0);
Injectable()(Hidden);

const secrets = HcpVaultModule.forRootAsync({
  inject: [ModuleRef],
  useFactory: async (moduleRef) => {
    await moduleRef.create(Hidden);
    return { source: memorySource({ KEY: 'x' }) };
  },
});
void NestFactory.createApplicationContext({ module: class AppModule {}, imports: [secrets] }, { logger: ['error'] });
