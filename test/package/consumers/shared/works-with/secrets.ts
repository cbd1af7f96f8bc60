import type { INestApplicationContext } from '@nestjs/common';
import { HcpVaultClient, HcpVaultModule, memorySource } from 'nestjs-hcp-vault';

const source = memorySource({ KEY: 'key-1', REDIS_PASSWORD: process.env['REDIS_PASSWORD'] ?? 'none' });

export const Secrets = HcpVaultModule.forRoot({ source });

/** What every program prints: what its places showed before and after a rotation. Its app is closed then, and the process has to end by itself. */
export async function show(app: INestApplicationContext, read: () => Promise<unknown>): Promise<void> {
  const before = await read();
  source.rotate('KEY', 'key-2');
  await app.get(HcpVaultClient).refresh();
  const after = await read();
  await app.close();
  console.log(JSON.stringify({ before, after }));
}
