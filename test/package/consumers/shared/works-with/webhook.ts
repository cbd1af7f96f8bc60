import 'reflect-metadata';
import { createHmac } from 'node:crypto';
import { Controller, Get, Module } from '@nestjs/common';
import type { INestApplication } from '@nestjs/common';
import { HcpVaultModule, HcpVaultWebhookModule, InjectSecret, memorySource, standardWebhooks } from 'nestjs-hcp-vault';

const key = Buffer.alloc(24, 'k');
const source = memorySource({ KEY: 'key-1' });

@Controller()
class Keys {
  @InjectSecret('KEY') private readonly key!: string;

  @Get()
  read(): string[] {
    return [this.key];
  }
}

@Module({
  imports: [
    HcpVaultModule.forRoot({ source, refresh: { enabled: false } }),
    HcpVaultWebhookModule.register({ path: 'hook', verify: standardWebhooks(`whsec_${key.toString('base64')}`) }),
  ],
  controllers: [Keys],
})
export class AppModule {}

async function call(url: string, isGenuine: boolean): Promise<number> {
  const body = JSON.stringify({ type: 'secret.changed', data: { name: 'KEY' } });
  const [id, at] = ['1', String(Math.floor(Date.now() / 1000))];
  const signature = createHmac('sha256', isGenuine ? key : 'other')
    .update(`${id}.${at}.${body}`)
    .digest('base64');
  const headers = { 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` }; // prettier-ignore
  return (await fetch(`${url}/hook`, { method: 'POST', headers, body })).status;
}

/** What a forged call and then a genuine one are answered, and what a route shows after each. */
export async function run(app: INestApplication): Promise<void> {
  await app.listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const shown = async (): Promise<unknown> => (await fetch(url)).json();
  source.rotate('KEY', 'key-2');
  const before = [await call(url, false), await shown()];
  const status = await call(url, true);
  while (JSON.stringify(await shown()) !== '["key-2"]') await new Promise((resolve) => setTimeout(resolve, 10));
  console.log(JSON.stringify({ before, after: [status, await shown()] }));
  await app.close();
}
