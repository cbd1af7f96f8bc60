// One process: starts an app with 200 secrets, and prints as JSON how long it took until they were at hand (ms), how often the source was
// asked, and how many came from the disk. Arguments: the way, a folder.
import 'reflect-metadata';
import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { diskCache, HcpVaultClient, HcpVaultModule, memorySource } from '../../dist/esm/index.js';

const [way, folder] = process.argv.slice(2);
const names = Array.from({ length: 200 }, (_, index) => `SECRET_${index}`);
const memory = memorySource(Object.fromEntries(names.map((name) => [name, { user: name, password: 'x'.repeat(200) }])));
let reads = 0;
const source = {
  kind: 'memory',
  read: (asked, context) => {
    reads += 1;
    return memory.read(asked, context);
  },
};
const key = way.includes('passphrase') ? 'correct horse battery staple' : Buffer.alloc(32, 1);
const dir = join(folder, way.includes('passphrase') ? 'passphrase' : 'bytes');
const options = { source, required: names, ...(way !== 'memory' && { sharedCache: diskCache({ dir, key }) }) };

class App {}
const begun = performance.now();
const app = await NestFactory.createApplicationContext(
  { module: App, imports: [HcpVaultModule.forRoot(options)] },
  { logger: false },
);
const ready = performance.now() - begun;
const from = app
  .get(HcpVaultClient)
  .status()
  .filter((status) => status.from === 'disk').length;
await app.close();
console.log(JSON.stringify({ ready, reads, from }));
