import { jest } from '@jest/globals';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HcpVaultModule, memorySource } from 'nestjs-hcp-vault';

describe('an app with many connections', () => {
  it('given twelve of them, when it starts, then Node warns of no leak, and no listener is left', async () => {
    const warnings: Error[] = [];
    const hear = (warning: Error): void => void warnings.push(warning);
    const before = process.listenerCount('beforeExit');
    process.on('warning', hear);
    const connections = Array.from({ length: 12 }, (_, index) => `many-${index}`);
    @Module({
      imports: connections.map((connection) =>
        HcpVaultModule.forRootAsync({ connection, useFactory: () => ({ source: memorySource({ K: 'v' }) }) }),
      ),
    })
    class App {}
    let most = 0;
    const once = process.once.bind(process);
    const spy = jest.spyOn(process, 'once').mockImplementation((...given) => {
      const made = once(...given);
      most = Math.max(most, process.listenerCount('beforeExit') - before);
      return made;
    });
    const app = await NestFactory.createApplicationContext(App, { logger: false });
    await app.close();
    await new Promise(setImmediate);
    spy.mockRestore();
    process.removeListener('warning', hear);
    expect({ most, left: process.listenerCount('beforeExit') - before, warnings }).toEqual({
      most: 1,
      left: 0,
      warnings: [],
    });
  });
});
