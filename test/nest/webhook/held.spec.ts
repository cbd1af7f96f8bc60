import { Controller, Get, Post } from '@nestjs/common';
import { Agent } from 'node:http';
import { request as httpRequest } from 'node:http';
import { eventGrid, standardWebhooks } from 'nestjs-hcp-vault';
import { FRAMEWORKS, hookedApp, until } from './apps.js';
import { changed, eventGridCall, HOOK_KEY, keyVaultEvent, SIGNING_KEY, standardCall } from './senders.js';

@Controller('hooks/secrets')
class Below {
  @Get('last')
  last(): string {
    return 'of the app';
  }
  @Post('last/again')
  again(): string {
    return 'of the app';
  }
}

describe.each(FRAMEWORKS)('who holds calls to a webhook open, on %s', (framework) => {
  it('given more connections of anybody than bodies that are awaited, each with a part of one, when the sender calls, then it is heard at once, and some who hold have been sent away', async () => {
    const hooked = await hookedApp({ framework, verify: standardWebhooks(SIGNING_KEY) });
    const agent = new Agent({ maxSockets: Number.POSITIVE_INFINITY });
    let answered = 0;
    const held = Array.from({ length: 300 }, () => {
      const headers = { 'content-length': '1000' };
      const call = httpRequest(`${hooked.origin}/hooks/secrets`, { agent, method: 'POST', headers }, (response) => {
        answered += 1;
        response.resume();
      });
      call.on('error', () => undefined);
      call.write('{');
      return call;
    });
    await until(() => answered >= 172);
    hooked.recorded.memory.rotate('KEY', 'v2');
    for (let n = 0; n < 5; n += 1) expect((await hooked.call(standardCall(changed('KEY'))))[0]).toBe(204);
    await until(() => hooked.client.get('KEY') === 'v2');
    for (const call of held) call.destroy();
    agent.destroy();
    await hooked.close();
    expect(hooked.logger.at('error', 'warn')).toEqual([]);
  }, 20_000);

  it('given a secret that never comes, when calls are sent all the while, then so many are kept as are awaited at a time, and the rest are asked to come again', async () => {
    let asked = 0;
    const secret = (): Promise<string> => ((asked += 1), new Promise(() => undefined));
    const hooked = await hookedApp({ framework, verify: standardWebhooks(secret) });
    const aborting = new AbortController();
    let unavailable = 0;
    const { headers, body } = standardCall(changed('KEY'));
    const calls = Array.from({ length: 200 }, async () => {
      const { signal } = aborting;
      const answer = await fetch(`${hooked.origin}/hooks/secrets`, { method: 'POST', headers, body, signal });
      if (answer.status === 503) unavailable += 1;
    });
    const all = Promise.allSettled(calls);
    await until(() => unavailable >= 72);
    expect(asked).toBe(128);
    aborting.abort();
    await all;
    await hooked.close();
  }, 20_000);

  it('given an app that brings its own parsers, when a path below the webhook is called, then it is the app that answers', async () => {
    const given = {
      framework,
      controllers: [Below],
      verify: standardWebhooks(SIGNING_KEY),
      options: { bodyParser: false },
    };
    const hooked = await hookedApp({ ...given, setUp: (app) => app.setGlobalPrefix('api') });
    const sent = standardCall(changed('KEY'));
    const [status, text] = await hooked.call({ path: '/api/hooks/secrets/last', method: 'GET' });
    const [posted, again] = await hooked.call({ path: '/api/hooks/secrets/last/again', headers: {}, body: '' });
    const [own] = await hooked.call({ ...sent, path: '/api/hooks/secrets' });
    const [elsewhere] = await hooked.call({ ...standardCall(changed('KEY')), path: '/api/hooks/secrets/else' });
    await hooked.close();
    expect([status, text, posted, again, own, elsewhere]).toEqual([200, 'of the app', 201, 'of the app', 204, 404]);
  });

  it('given a key in the address, when other parameters have question marks, then it is found all the same', async () => {
    const hooked = await hookedApp({ framework, verify: eventGrid({ key: HOOK_KEY, query: 'code' }) });
    const sent = eventGridCall([keyVaultEvent('KEY', '0123456789abcdef0123456789abcdef')], {});
    const [status] = await hooked.call({ ...sent, query: `?of=a?b&code=${HOOK_KEY}` });
    await hooked.close();
    expect(status).toBe(204);
  });
});
