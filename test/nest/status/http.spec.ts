import type { ServerResponse } from 'node:http';
import type { CanActivate, INestApplication, NestInterceptor, PipeTransform } from '@nestjs/common';
import { Controller, Get, RequestMethod, VersioningType } from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { map } from 'rxjs';
import type { SecretReport } from 'nestjs-hcp-vault';
import { HcpVaultStatusModule } from 'nestjs-hcp-vault';
import { printed } from '../../sources/support/printed.js';
import type { Framework, ShownOptions } from './apps.js';
import { FRAMEWORKS, framesOf, shownApp, TOKEN } from './apps.js';

const PAGE = { headers: { accept: 'text/html' } };

/** A shop that answers whatever is asked for, as a single-page app does. */
function shopOf(framework: Framework): unknown {
  @Controller()
  class Shop {
    @Get(framework === 'Express' ? '{*any}' : '*')
    show(): string {
      return 'of the shop';
    }
  }
  return Shop;
}

describe.each(FRAMEWORKS)('a status page on %s', (framework) => {
  const shown = (given: Omit<ShownOptions, 'framework'> = {}) => shownApp({ framework, ...given });

  it('given an app with two secrets, when JSON is asked for, then it tells how they stand, and no value', async () => {
    const app = await shown();
    const answer = await app.ask();
    const text = await answer.text();
    await app.app.close();
    expect([answer.status, text.includes('canary')]).toEqual([200, false]);
    expect(JSON.parse(text)).toMatchObject({
      replica: { pid: process.pid },
      verdict: { level: 'ok', headline: 'All 2 secrets are current.' },
      connections: [{ connection: 'default', source: 'memory', counts: { current: 2 }, consecutiveFailures: 0 }],
      resources: [],
      secrets: [
        { name: 'KEY', standing: 'current', version: '1', versionKind: 'source', maxAgeMs: 25 * 60_000 },
        { name: 'OTHER', standing: 'current', version: '1' },
      ],
    });
  });

  it.each([
    ['no token', {}, ''],
    ['another token', { authorization: 'Bearer canary-status-token-2' }, ''],
    ['a part of the token', { authorization: `Bearer ${TOKEN.slice(0, -1)}` }, ''],
    ['the token by another scheme', { authorization: `Basic ${TOKEN}` }, ''],
    ['the token in the address', {}, `?token=${TOKEN}&access_token=${TOKEN}`],
  ])('given %s, when data are asked for, then they are refused, each in the same way', async (_, headers, query) => {
    const app = await shown({ status: { token: TOKEN, actions: true } });
    const asked = (path: string, init: RequestInit = {}) =>
      fetch(`${app.origin}/secrets-status${path}${query}`, { headers: headers as Record<string, string>, ...init });
    const answers = await Promise.all([asked(''), asked('/events'), asked('/actions', { method: 'POST' })]);
    const told = await Promise.all(answers.map(async (answer) => [answer.status, await answer.text()]));
    await app.app.close();
    for (const one of told) expect(one).toEqual([401, '{"statusCode":401,"message":"Unauthorized"}']);
    expect(answers.map(({ headers: of }) => of.get('www-authenticate'))).toEqual(['Bearer', 'Bearer', 'Bearer']);
  });

  it('given no token, when a browser asks for the page, then it comes without a name, bound to nonces of its own', async () => {
    const app = await shown();
    const pages = await Promise.all([1, 2].map(() => fetch(`${app.origin}/secrets-status`, PAGE)));
    const [one = '', two = ''] = await Promise.all(pages.map((answer) => answer.text()));
    await app.app.close();
    const policy = pages[0]!.headers.get('content-security-policy')!;
    const [, nonce = ''] = /script-src 'nonce-([\w+/=]{24})'/.exec(policy) ?? [];
    expect(policy).toContain(`style-src 'nonce-${nonce}'`);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(one).toContain(`<script type="module" nonce="${nonce}">`);
    expect(two).not.toContain(nonce);
    expect(one.replaceAll(nonce, '')).not.toMatch(/KEY|canary|\son\w+=|style="|https?:/);
    expect(Object.fromEntries(pages[0]!.headers)).toMatchObject({
      'cache-control': 'no-store, no-transform',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it.each(['cross-site', 'same-site'])(
    'given a page of another origin (%s), when it asks, then it is refused, with the token too',
    async (site) => {
      const app = await shown({ status: { token: TOKEN, actions: true } });
      const headers = { 'sec-fetch-site': site };
      const answers = [
        await app.ask(undefined, { headers }),
        await app.ask('/secrets-status/events', { headers }),
        await app.act({ action: 'refresh', connection: 'default' }, headers),
      ];
      await app.app.close();
      expect(answers.map(({ status }) => status)).toEqual([403, 403, 403]);
    },
  );

  it('given CORS for everybody, when data are asked for, then other origins may still not read them', async () => {
    const app = await shown({ setUp: (of: INestApplication) => of.enableCors({ origin: true, credentials: true }) });
    const answer = await app.ask(undefined, { headers: { origin: 'http://evil.example' } });
    await app.app.close();
    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('given a global prefix, versions, and global guards, pipes and interceptors, when the page is asked for, then it is as ever', async () => {
    const nobody: CanActivate = { canActivate: () => false };
    const wrapping: NestInterceptor = {
      intercept: (_, next) => next.handle().pipe(map((data: unknown) => ({ data }))),
    };
    const failing: PipeTransform = { transform: () => { throw new Error('no'); } }; // prettier-ignore
    const app = await shown({
      controllers: [shopOf(framework)],
      providers: [
        { provide: APP_GUARD, useValue: nobody },
        { provide: APP_INTERCEPTOR, useValue: wrapping },
        { provide: APP_PIPE, useValue: failing },
      ],
      setUp: (of) => {
        of.setGlobalPrefix('api');
        of.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      },
    });
    const answers = [
      await app.ask('/api/secrets-status'),
      await app.ask('/secrets-status'),
      await app.ask('/api/v1/x'),
    ];
    const report = (await answers[0]!.json()) as { secrets: SecretReport[] };
    await app.app.close();
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 403]);
    expect(report.secrets).toHaveLength(2);
  });

  it('given middleware that sets a policy and headers of its own, as helmet does, when the page is asked for, then it has its own', async () => {
    const use = (_: unknown, response: ServerResponse, next: () => void): void => {
      response.setHeader('content-security-policy', "default-src 'self'");
      response.setHeader('x-frame-options', 'SAMEORIGIN');
      response.setHeader('strict-transport-security', 'max-age=1');
      next();
    };
    const app = await shown({ setUp: (of) => of.use(use) });
    const { headers } = await app.ask(undefined, PAGE);
    await app.app.close();
    expect(headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'nonce-");
    expect([headers.get('x-frame-options'), headers.get('strict-transport-security')]).toEqual(['DENY', 'max-age=1']);
  });

  it('given a path that is left out of the global prefix, when it is asked for, then it is there', async () => {
    const exclude = [{ path: 'secrets-status', method: RequestMethod.ALL }];
    const app = await shown({ setUp: (of) => of.setGlobalPrefix('api', { exclude }) });
    const { status } = await app.ask();
    await app.app.close();
    expect(status).toBe(200);
  });

  it('given an outage, when JSON is asked for, then it is degraded, and says why in words', async () => {
    const app = await shown();
    app.recorded.memory.fail(new Error('canary-of-the-source'));
    await app.client.refresh();
    const text = await (await app.ask()).text();
    await app.app.close();
    expect(JSON.parse(text)).toMatchObject({
      verdict: { level: 'degraded', headline: 'Of 2 secrets, 2 could not be read last; their last values serve.' },
      connections: [{ level: 'degraded', lastFailure: { code: 'SECRET_SOURCE_UNAVAILABLE' } }],
      secrets: [
        {
          standing: 'failing',
          why: expect.stringMatching(
            /^The memory source did not answer; the value of .* stays in use; the next try is at .*\.$/,
          ) as string,
        },
        {},
      ],
    });
    expect(text).not.toContain('canary');
  });

  it('given the token as a secret, when it rotates, then the new one lets in, and the old one does not', async () => {
    const page = HcpVaultStatusModule.registerAsync({
      inject: [HcpVaultClientToken],
      useFactory: (client: { get(name: string): string }) => ({ token: () => client.get('PAGE') }),
    });
    const app = await shown({ pages: [page], values: { PAGE: TOKEN } });
    const before = await app.ask();
    app.recorded.memory.rotate('PAGE', `${TOKEN}-new`);
    await app.client.refresh();
    const after = await app.ask();
    const renewed = await app.ask(undefined, { headers: { authorization: `Bearer ${TOKEN}-new` } });
    app.recorded.memory.rotate('PAGE', 'short');
    await app.client.refresh();
    const short = await app.ask(undefined, { headers: { authorization: 'Bearer short' } });
    await app.app.close();
    expect([before, after, renewed, short].map(({ status }) => status)).toEqual([200, 401, 200, 503]);
    expect(app.logger.lines.filter((line) => /lets nobody in/.test(line))).toHaveLength(1);
  });

  it('given a registration, when it is printed, then it shows no token', () => {
    const definition = HcpVaultStatusModule.register({ token: TOKEN });
    expect(printed(definition)).not.toContain(TOKEN);
  });

  it('given who watches, when a secret rotates, then what comes is what changed of it, and nothing else', async () => {
    const app = await shown();
    const frames = framesOf(await app.ask('/secrets-status/events'));
    const { value: whole } = await frames.next();
    app.recorded.memory.rotate('KEY', 'canary-key-2');
    await app.client.refresh('KEY');
    let changes: Record<string, unknown>[] = [];
    for await (const { data } of frames) {
      changes = data['secrets'] as Record<string, unknown>[];
      if (changes.length > 0) break;
    }
    await app.app.close();
    expect(whole).toMatchObject({
      type: 'report',
      data: { secrets: [{ name: 'KEY', version: '1' }, { name: 'OTHER' }] },
    });
    expect(changes).toHaveLength(1);
    expect(Object.keys(changes[0]!).sort()).toEqual(['events', 'id', 'loadedAt', 'nextRefreshAt', 'version']);
    expect(changes[0]).toMatchObject({ id: 'default#1', version: '2' });
  });

  it('given as many who watch as may, when one more comes, then he is told to come later; and the app closes within a second', async () => {
    const app = await shown();
    const streams = await Promise.all(Array.from({ length: 32 }, () => app.ask('/secrets-status/events')));
    const more = await app.ask('/secrets-status/events');
    const from = performance.now();
    await app.app.close();
    const took = performance.now() - from;
    const ends = await Promise.all(streams.map(async (answer) => (await answer.text()).startsWith('event: report\n')));
    expect([more.status, streams.every(({ status }) => status === 200), ends.every(Boolean)]).toEqual([
      503,
      true,
      true,
    ]);
    expect(took).toBeLessThan(1_000);
  });
});

const HcpVaultClientToken = 'HcpVaultClient:default';
