// Starts the app, reads it over HTTP, rotates, reads again, prints both as JSON, and has to end by itself.
import { NestFactory } from '@nestjs/core';
import { HcpVaultClient } from 'nestjs-hcp-vault';
import { AppModule, source } from './app.js';

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false });
  await app.listen(0, '127.0.0.1');
  const read = async () => (await fetch(await app.getUrl())).json() as Promise<unknown>;
  const before = await read();
  source.rotate('KEY', 'key-2');
  source.rotate('DB', { values: { user: 'user-2' } });
  await app.get(HcpVaultClient).refresh();
  const after = await read();
  await app.close();
  console.log(JSON.stringify({ before, after }));
}

void main();
