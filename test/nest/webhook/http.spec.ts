import type { CanActivate, INestApplication, NestInterceptor, PipeTransform } from '@nestjs/common';
import { Controller, Get, Module, VersioningType } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE, NestFactory } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import { map } from 'rxjs';
import {
  getClientToken,
  HcpVaultClient,
  HcpVaultModule,
  HcpVaultWebhookModule,
  infisical,
  memorySource,
  standardWebhooks,
} from 'nestjs-hcp-vault';
import { CapturedLogger } from '../../support/captured-logger.js';
import { printed } from '../../sources/support/printed.js';
import { adapterOf, FRAMEWORKS, hookedApp, until } from './apps.js';
import { changed, HOOK_KEY, infisicalCall, SIGNING_KEY, standardCall } from './senders.js';

@Controller()
class Shop {
  @Get('key')
  show(): string {
    return 'of the shop';
  }
}

describe.each(FRAMEWORKS)('a webhook on %s', (framework) => {
  const verify = standardWebhooks(SIGNING_KEY);

  it('given a signed call that names a secret, when it comes, then that one is read, and every reader has the new value', async () => {
    const hooked = await hookedApp({ framework, verify });
    hooked.recorded.memory.rotate('KEY', 'v2');
    const [status, body] = await hooked.call(standardCall(changed('KEY')));
    await until(() => hooked.client.get('KEY') === 'v2');
    await hooked.close();
    expect([status, body]).toEqual([204, '']);
    expect(hooked.recorded.reads.slice(1)).toEqual([['KEY']]);
  });

  it('given a name that nobody knows, when the call comes, then the answer is the same', async () => {
    const hooked = await hookedApp({ framework, verify });
    const answers = await Promise.all(['KEY', 'NOBODY'].map((name) => hooked.call(standardCall(changed(name)))));
    await hooked.close();
    const [known, unknown] = answers.map(([status, body, headers]) => [status, body, [...headers.keys()]]);
    expect(unknown).toEqual(known);
  });

  it.each([
    ['no signature', {}],
    ['another key', standardCall(changed('KEY'), { key: `whsec_${Buffer.alloc(32, 7).toString('base64')}` }).headers],
    ['a signature of another body', standardCall(changed('OTHER')).headers],
    ['a time long gone', standardCall(changed('KEY'), { at: Date.now() - 301_000 }).headers],
    ['a time to come', standardCall(changed('KEY'), { at: Date.now() + 302_000 }).headers],
    ['no time', { ...standardCall(changed('KEY')).headers, 'webhook-timestamp': 'soon' }],
  ])('given %s, when it comes, then the answer is the one of all refusals, and nothing is read', async (_, headers) => {
    const hooked = await hookedApp({ framework, verify });
    const [status, body] = await hooked.call({ headers, body: JSON.stringify(changed('KEY')) });
    await hooked.close();
    expect([status, body]).toEqual([401, '{"statusCode":401,"message":"Unauthorized"}']);
    expect(hooked.readings()).toBe(0);
  });

  it('given a body that is not JSON, when it is not signed, then the answer is a refusal; when it is, then 400, and nothing is read', async () => {
    const hooked = await hookedApp({ framework, verify });
    const json = { 'content-type': 'application/json' };
    const [unsigned] = await hooked.call({ headers: json, body: '{"type":' });
    const [signed, body] = await hooked.call(standardCall('{"type":'));
    await hooked.close();
    expect([unsigned, signed, body]).toEqual([401, 400, '{"statusCode":400,"message":"Bad Request"}']);
    expect(hooked.readings()).toBe(0);
  });

  it('given a signed body of another content type, or of none, when it comes, then it counts', async () => {
    const hooked = await hookedApp({ framework, verify });
    for (const type of ['application/cloudevents+json; charset=utf-8', 'text/plain', 'application/octet-stream']) {
      const { body, headers } = standardCall(changed());
      expect((await hooked.call({ body, headers: { ...headers, 'content-type': type } }))[0]).toBe(204);
    }
    const encoded = standardCall(changed());
    expect((await hooked.call({ ...encoded, headers: { ...encoded.headers, 'content-encoding': 'gzip' } }))[0]).toBe(
      415,
    );
    await hooked.close();
  });

  it('given a body of more than 128 KiB, when it comes, with its length or without, then 413, and the app goes on', async () => {
    const hooked = await hookedApp({ framework, verify });
    const sent = standardCall(`"${'x'.repeat(200_000)}"`);
    const [status] = await hooked.call(sent);
    const chunks = new ReadableStream({
      start(controller) {
        for (let n = 0; n < 20; n += 1) controller.enqueue(Buffer.alloc(10_000, 120));
        controller.close();
      },
    });
    const whole = { method: 'POST', headers: sent.headers, body: chunks, duplex: 'half' } as RequestInit;
    const streamed = await fetch(`${hooked.origin}/hooks/secrets`, whole);
    const [after] = await hooked.call(standardCall(changed('KEY')));
    await hooked.close();
    expect([status, streamed.status, after]).toEqual([413, 413, 204]);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('given %s, when it comes, then 405', async (method) => {
    const hooked = await hookedApp({ framework, verify });
    const [status, , headers] = await hooked.call({ method });
    await hooked.close();
    expect([status, headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('given an app created without rawBody, when it starts, then it fails with the line to add, and what was opened is ended', async () => {
    const started = hookedApp({ framework, verify, options: {} });
    await expect(started).rejects.toThrow('NestFactory.create(AppModule, { rawBody: true })');
  });

  it('given an app that brings its own parsers, when a call comes, then it counts', async () => {
    const hooked = await hookedApp({ framework, verify, options: { bodyParser: false } });
    const [status] = await hooked.call(standardCall(changed('KEY')));
    await hooked.close();
    expect(status).toBe(204);
  });

  it('given a guard, a pipe and an interceptor of the whole app, and a prefix and versions, when a call comes, then none of them sees it, and the other routes are as they were', async () => {
    const seen: string[] = [];
    const guard: CanActivate = { canActivate: () => seen.push('guard') < 0 };
    const pipe: PipeTransform = { transform: () => seen.push('pipe') };
    const interceptor: NestInterceptor = {
      intercept: (_, next) => next.handle().pipe(map(() => seen.push('wrapped'))),
    };
    const providers = [
      { provide: APP_GUARD, useValue: guard },
      { provide: APP_PIPE, useValue: pipe },
      { provide: APP_INTERCEPTOR, useValue: interceptor },
    ];
    const setUp = (app: INestApplication): void => {
      app.setGlobalPrefix('api');
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    };
    const hooked = await hookedApp({ framework, verify, providers, controllers: [Shop], setUp });
    const answers = [
      await hooked.call({ ...standardCall(changed('KEY')), path: '/api/hooks/secrets' }),
      await hooked.call({ ...standardCall(changed('KEY')), path: '/hooks/secrets/' }),
      await hooked.call({ ...standardCall(changed('KEY')), path: '/api/hooks/secrets/more' }),
      await hooked.call({ method: 'GET', path: '/api/v1/key' }),
    ].map(([status]) => status);
    await hooked.close();
    expect(answers).toEqual([204, 204, 404, 403]);
    expect(seen).toEqual(['guard']);
  });

  it('given two webhooks and two connections, when one is called, then its own connections hear of it alone', async () => {
    const billing = memorySource({ PRICE: 'p1' });
    const hooks = [
      HcpVaultModule.forRoot({
        source: billing,
        connection: 'billing',
        required: ['PRICE'],
        refresh: { enabled: false },
      }),
      HcpVaultWebhookModule.register({ path: '/hooks/billing/', connection: ['billing'], verify: infisical(HOOK_KEY) }),
      HcpVaultWebhookModule.register({ path: 'hooks/secrets', connection: ['default', 'billing'], verify }),
    ];
    const hooked = await hookedApp({ framework, hooks });
    const client = hooked.app.get<HcpVaultClient<string>>(getClientToken('billing'));
    const price = (): unknown => client.get('PRICE');
    billing.rotate('PRICE', 'p2');
    expect((await hooked.call({ ...infisicalCall(), path: '/hooks/billing' }))[0]).toBe(204);
    await until(() => price() === 'p2');
    expect(hooked.readings()).toBe(0);
    billing.rotate('PRICE', 'p3');
    await hooked.call(standardCall(changed('PRICE')));
    await until(() => price() === 'p3');
    await hooked.close();
  });

  it('given a secret of the verifier that is a secret of the app, when that rotates, then both count, and the old one ends with the overlap', async () => {
    const keys = ['a', 'b', 'c'].map((letter) => `whsec_${Buffer.alloc(24, letter).toString('base64')}`);
    const hooks = [
      HcpVaultWebhookModule.registerAsync({
        path: 'hooks/secrets',
        inject: [HcpVaultClient],
        useFactory: (client: HcpVaultClient) => {
          const ref = client.ref<string>('HOOK_KEY', { overlap: '1h' });
          return { verify: standardWebhooks(() => ref.accepted) };
        },
      }),
    ];
    const hooked = await hookedApp({ framework, hooks, values: { KEY: 'v1', HOOK_KEY: keys[0]! } });
    hooked.recorded.memory.rotate('HOOK_KEY', keys[1]!);
    const answers = [(await hooked.call(standardCall(changed('HOOK_KEY'), { key: keys[0]! })))[0]];
    await until(() => hooked.client.get('HOOK_KEY') === keys[1]);
    for (const key of keys) answers.push((await hooked.call(standardCall(changed('KEY'), { key })))[0]);
    await hooked.close();
    expect(answers).toEqual([204, 204, 204, 401]);
  });

  it('given a verifier of the app, when it throws or gives nothing, then that refuses; when it gives changes, then they are read', async () => {
    const verify = (headers: Record<string, unknown>, body: Buffer) => {
      if (headers['x-mine'] === 'throws') throw new TypeError('canary-text');
      return headers['x-mine'] === 'yes' ? (JSON.parse(body.toString()) as string[]) : undefined;
    };
    const hooked = await hookedApp({ framework, verify });
    const answers = [];
    for (const mine of ['throws', 'no', 'yes']) {
      answers.push((await hooked.call({ headers: { 'x-mine': mine }, body: '["KEY"]' }))[0]);
    }
    await until(() => hooked.readings() > 0);
    await hooked.close();
    expect(answers).toEqual([401, 401, 204]);
    expect(hooked.logger.at('warn')).toEqual([expect.stringContaining('TypeError')]);
    expect(hooked.logger.text).not.toContain('canary');
  });

  it('given a secret that can not be had, when a call comes, then 503, so that the sender tries again, and the log says so once', async () => {
    const failing = infisical(() => Promise.reject(new Error('canary-text')));
    const hooked = await hookedApp({ framework, verify: failing });
    const answers = [(await hooked.call(infisicalCall()))[0], (await hooked.call(infisicalCall()))[0]];
    await hooked.close();
    expect(answers).toEqual([503, 503]);
    expect(hooked.logger.at('warn')).toHaveLength(1);
    expect(hooked.logger.text).not.toContain('canary');
  });

  it('given an app that is closing, when a call comes, then 503, so that the sender tries another replica', async () => {
    let answer: number | undefined;
    const providers = [
      {
        provide: 'LATE',
        useFactory: () => ({
          beforeApplicationShutdown: async () => void ([answer] = await hooked.call(standardCall(changed('KEY')))),
        }),
      },
    ];
    const hooked = await hookedApp({ framework, verify, providers });
    await hooked.close();
    expect(answer).toBe(503);
    expect(hooked.readings()).toBe(0);
  });
});

describe('a webhook in an app', () => {
  it.each([
    [{ path: 'hooks/:id', verify: infisical(HOOK_KEY) }, '"path"'],
    [{ path: '', verify: infisical(HOOK_KEY) }, '"path"'],
    [{ path: '../hooks', verify: infisical(HOOK_KEY) }, '"path"'],
    [{ path: 'hooks', verify: 'canary' as never }, '"verify"'],
    [{ path: 'hooks', verify: infisical(HOOK_KEY), connection: [] }, '"connection"'],
    [{ path: 'hooks', verfy: 1 } as never, 'Did you mean "verify"'],
  ])('given %j, when it is registered, then the error names the option', (options, text) => {
    expect(() => HcpVaultWebhookModule.register(options)).toThrow(text);
  });

  it.each([
    () => infisical(''),
    () => infisical([]),
    () => standardWebhooks('whsec_short'),
    () => standardWebhooks('whpk_AAAA'),
  ])('given %s, when it is made, then it is refused', (make) => expect(make).toThrow('the secret of'));

  it('given a connection that there is not, or a path that is taken, when the app starts, then it fails by name', async () => {
    const verify = infisical(HOOK_KEY);
    const unknown = [HcpVaultWebhookModule.register({ path: 'a', connection: 'nobody', verify })];
    await expect(hookedApp({ framework: 'Express', hooks: unknown })).rejects.toThrow('nobody');
    const twice = [1, 2].map(() => HcpVaultWebhookModule.register({ path: 'a', verify }));
    await expect(hookedApp({ framework: 'Express', hooks: twice })).rejects.toThrow('two webhooks have the path "/a"');
  });

  it('given an app without HTTP, when it starts, then the webhook is not a hindrance', async () => {
    @Module({
      imports: [
        HcpVaultModule.forRoot({ source: memorySource({}) }),
        HcpVaultWebhookModule.register({ path: 'a', verify: infisical(HOOK_KEY) }),
      ],
    })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    await app.close();
  });

  it.each(FRAMEWORKS)(
    'given a test app on %s, made after its modules, when a call comes, then it counts',
    async (framework) => {
      const logger = new CapturedLogger();
      const module = await Test.createTestingModule({
        imports: [
          HcpVaultModule.forRoot({ source: memorySource({ KEY: 'v' }), required: ['KEY'] }),
          HcpVaultWebhookModule.register({ path: 'hooks/secrets', verify: standardWebhooks(SIGNING_KEY) }),
        ],
      }).compile();
      const app = module.createNestApplication(adapterOf(framework), { rawBody: true, logger });
      await app.listen(0, '127.0.0.1');
      const { body, headers } = standardCall(changed('KEY'));
      const answer = await fetch(`${await app.getUrl()}/hooks/secrets`, { method: 'POST', headers, body });
      await app.close();
      expect(answer.status).toBe(204);
      const without = await Test.createTestingModule({
        imports: [
          HcpVaultModule.forRoot({ source: memorySource({ KEY: 'v' }) }),
          HcpVaultWebhookModule.register({ path: 'hooks/secrets', verify: standardWebhooks(SIGNING_KEY) }),
        ],
      }).compile();
      const failing = without.createNestApplication(adapterOf(framework), { logger });
      await expect(failing.init()).rejects.toThrow('rawBody: true');
    },
  );

  it('given what holds the keys, when it is printed, then none of them is there', async () => {
    const hooked = await hookedApp({ framework: 'Express', verify: infisical(HOOK_KEY) });
    const held = ['HcpVaultWebhookVerifier', 'HcpVaultWebhookMount'].map((token) =>
      hooked.app.get<unknown>(token, { strict: false }),
    );
    const shown = [...held, infisical(HOOK_KEY), standardWebhooks(SIGNING_KEY)].map(printed).join();
    await hooked.close();
    expect(shown).not.toMatch(/canary|whsec/);
  });
});
