// Names that would move the cursor of who reads the log, colour it, or begin a line of their own.
import { NestFactory } from '@nestjs/core';
import type { SecretSource } from 'nestjs-hcp-vault';
import {
  directorySource,
  envSource,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  memorySource,
} from 'nestjs-hcp-vault';
import { attempt, show } from './witness.js';

export const oddNames = [
  'A\u001b[2J\u001b[31mB',
  'A\nERROR forged line',
  'A\r\u0008\u0007B',
  'A\u009b31mB',
  'A\u0000B',
  'A\u2028B',
  'A\u202eB',
  'A\ud800B',
];

export async function useOddNames(): Promise<void> {
  const sources: (() => SecretSource)[] = [
    () => memorySource({ PLAIN: '1' }),
    () => envSource({ prefix: 'NONE_' }),
    () => directorySource('.'),
  ];
  for (const make of sources) {
    for (const name of oddNames) {
      const start = (required: string[]) => async () => {
        class NamesModule {}
        const imports = [HcpVaultModule.forRoot({ source: make(), required, bootstrapTimeout: 50 })];
        return NestFactory.createApplicationContext({ module: NamesModule, imports }, { abortOnError: false });
      };
      await attempt('a start that requires an odd name', start([name]));
      const app = await start([])();
      const client = app.get(HcpVaultClient);
      await attempt('a fetch of an odd name', () => client.fetch(name));
      await attempt('a fetch of an odd field', () => client.fetch('PLAIN', { field: name }));
      await attempt('an odd version', () => client.fetch('PLAIN', { version: name }));
      await attempt('an odd path', () => client.getByPath(name));
      await attempt('an update of an odd name', () => client.update(name, 'x'));
      // A report and a status are data: a name in them is the name.
      for (const { error } of (await client.refresh(name)).failed) show('an error of a report', error);
      await app.close();
    }
  }
  for (const name of oddNames) {
    await attempt('a class that asks for an odd name', () => {
      class Odd {}
      InjectSecret(name)(Odd.prototype, 'odd');
      class NamesModule {}
      const imports = [HcpVaultModule.forRoot({ source: memorySource({}), bootstrapTimeout: 50 })];
      const root = { module: NamesModule, imports, providers: [Odd] };
      return NestFactory.createApplicationContext(root, { abortOnError: false });
    });
  }
}
