import { createHmac } from 'node:crypto';
import { Controller, Get, UseGuards } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { HcpVaultClient, type SecretRef } from 'nestjs-hcp-vault';
import { HcpVaultTestClient, HcpVaultTestingModule } from 'nestjs-hcp-vault/testing';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { FakeClock } from '../support/fake-clock.js';
import { recordingSource } from '../support/recording-source.js';
import { ApiKeyGuard } from './overlap/api-key.guard.js';
import { Tokens } from './overlap/tokens.service.js';
import { Webhooks } from './overlap/webhooks.service.js';

@Controller()
class Api {
  @Get()
  @UseGuards(ApiKeyGuard)
  get(): string {
    return 'in';
  }
}

async function app() {
  const module = await Test.createTestingModule({
    imports: [HcpVaultTestingModule.forTest({ WEBHOOK_KEY: 'w1', JWT_KEY: 'j1', API_KEY: 'a1' })],
    providers: [Webhooks, Tokens, ApiKeyGuard],
    controllers: [Api],
  }).compile();
  await module.init();
  return { module, secrets: module.get(HcpVaultTestClient) };
}

// The files of docs/overlap.md, as they stand there.
describe('the recipes of overlap', () => {
  it('given a webhook key that was rotated, when bodies come in, then those signed with either key are genuine, and no others', async () => {
    const { module, secrets } = await app();
    const webhooks = module.get(Webhooks);
    const signed = (key: string): Buffer => createHmac('sha256', key).update('body').digest();
    await secrets.rotate('WEBHOOK_KEY', 'w2');
    expect(['w1', 'w2', 'w3'].map((key) => webhooks.isGenuine('body', signed(key)))).toEqual([true, true, false]);
    expect(webhooks.isGenuine('body', Buffer.from('short'))).toBe(false);
    expect(webhooks.isGenuine('another body', signed('w2'))).toBe(false);
    await module.close();
  });

  it('given a key that the sender has and this app has not, when it is refused once, then the app reads it, and it is genuine', async () => {
    const { source, memory } = recordingSource({ WEBHOOK_KEY: 'w1' });
    const clock = new FakeClock();
    const client = new HcpVaultClient(new SecretRuntime({ source, clock }));
    await client.fetch('WEBHOOK_KEY');
    const webhooks = new Webhooks(client.ref<string>('WEBHOOK_KEY', { overlap: '10m' }), client);
    const signature = createHmac('sha256', 'w2').update('body').digest();
    memory.rotate('WEBHOOK_KEY', 'w2');
    expect(webhooks.isGenuine('body', signature)).toBe(false);
    await clock.advance(0);
    expect(webhooks.isGenuine('body', signature)).toBe(true);
  });

  it('given tokens, when the key is rotated, then old ones stay good as long as they last, and new ones are signed with the new key', async () => {
    const { module, secrets } = await app();
    const tokens = module.get(Tokens);
    const before = tokens.sign({ sub: 'u' });
    await secrets.rotate('JWT_KEY', 'j2');
    const after = tokens.sign({ sub: 'u' });
    expect([tokens.verify(before)?.['sub'], tokens.verify(after)?.['sub']]).toEqual(['u', 'u']);
    secrets.ref('JWT_KEY').dropPrevious();
    expect([tokens.verify(before), tokens.verify(after)?.['sub']]).toEqual([undefined, 'u']);
    expect(tokens.verify(after, Date.now() + 3_601_000)).toBeUndefined();
    const [, payload, signature] = after.split('.');
    const none = Buffer.from('{"alg":"none"}').toString('base64url');
    expect(
      [`${none}.${payload}.`, `${none}.${payload}.${signature}`, 'x', ''].map((token) => tokens.verify(token)),
    ).toEqual([undefined, undefined, undefined, undefined]);
    await module.close();
  });

  it('given an API key, when it is rotated, then callers come in with either, and with no other', async () => {
    const { module, secrets } = await app();
    const nest = module.createNestApplication();
    await nest.init();
    await secrets.rotate('API_KEY', 'a2');
    const status = async (key: string) => (await request(nest.getHttpServer()).get('/').set('x-api-key', key)).status;
    expect([await status('a1'), await status('a2'), await status('a3'), await status('')]).toEqual([
      200, 200, 403, 403,
    ]);
    await nest.close();
  });

  it('given an overlap of ten minutes, when they are over, then the replaced value is accepted no more', async () => {
    const { source, memory } = recordingSource({ KEY: 'k1' });
    const clock = new FakeClock();
    const client = new HcpVaultClient(new SecretRuntime({ source, clock }));
    await client.fetch('KEY');
    const long: SecretRef<string> = client.ref('KEY', { overlap: '10m' });
    const short: SecretRef<string> = client.ref('KEY', { overlap: '1m' });
    memory.rotate('KEY', 'k2');
    await client.refresh('KEY');
    clock.jump(60_001);
    expect([long.accepted, short.accepted]).toEqual([['k2', 'k1'], ['k2']]);
    clock.jump(540_000);
    expect(long.accepted).toEqual(['k2']);
  });
});
