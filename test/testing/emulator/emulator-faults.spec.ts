import { performance } from 'node:perf_hooks';
import { HcpVaultSecretsEmulator } from '../../../lib/testing/emulator/index.js';
import { ApiClient } from './api-client.js';
import { soon } from './soon.js';

let emulator: HcpVaultSecretsEmulator;
let api: ApiClient;

beforeEach(async () => {
  const apps = { web: { KEY: 'v1', AWS: { type: 'dynamic', values: { id: 'AKIA' } } } } as const;
  emulator = await HcpVaultSecretsEmulator.start({ apps });
  api = new ApiClient(emulator);
  await api.call('apps'); // has its token
});

afterEach(async () => {
  await api.close();
  await emulator.stop();
});

const open = () => api.call('apps/web/secrets/AWS:open');

describe('fail', () => {
  it.each([
    [{ status: 500 }, 500, 13],
    [{ status: 429 }, 429, 8],
    [{ status: 418 }, 418, 2],
    [{ status: 502, code: 14 }, 502, 14],
    [{ code: 7 }, 403, 7],
    [{ code: 99 }, 500, 99],
    [{ retryAfter: 3 }, 429, 8],
    [{ times: 1 }, 503, 14],
    [{}, 503, 14],
  ])(
    'given %j, when a secret is opened, then the answer has that status and code, and nothing is issued',
    async (fault, status, code) => {
      emulator.fail(fault);
      const reply = await open();
      expect([reply.status, reply.body.code]).toEqual([status, code]);
      expect(reply.body).toEqual({ code, message: expect.any(String), details: [] });
      expect(emulator.opened('web', 'AWS')).toBe(0);
      expect(emulator.requests.at(-1)?.status).toBe(status);
    },
  );

  it('given retryAfter, when it is sent, then the header holds it', async () => {
    emulator.fail({ status: 503, retryAfter: 7 });
    expect((await open()).headers['retry-after']).toBe('7');
  });

  it('given times, when they are used up, then the next fault holds, until recover()', async () => {
    emulator.fail({ status: 503, times: 2 });
    emulator.fail({ status: 429, times: 1 });
    emulator.fail({ status: 500 });
    const statuses = [];
    for (let i = 0; i < 5; i += 1) statuses.push((await open()).status);
    expect(statuses).toEqual([503, 503, 429, 500, 500]);
    emulator.recover();
    expect((await open()).status).toBe(200);
  });

  it('given a standing fault, when another is switched on, then the newer one holds', async () => {
    emulator.fail({ status: 503 });
    emulator.fail({ status: 401 });
    expect((await open()).status).toBe(401);
  });

  it('given a path, when requests come, then only those that match fail', async () => {
    emulator.fail({ status: 500, path: 'AWS:open' });
    emulator.fail({ status: 503, path: /\/oauth2\/token$/g });
    expect((await open()).status).toBe(500);
    expect((await api.call('apps/web/secrets/AWS%3Aopen')).status).toBe(500);
    expect((await api.call('apps/web/secrets/KEY:open')).status).toBe(200);
    for (let i = 0; i < 2; i += 1) expect((await api.requestToken({})).status).toBe(503);
  });

  it('given delay alone, when a secret is opened, then the answer is as ever, later, and its effect is not', async () => {
    emulator.fail({ delay: 150 });
    const started = performance.now();
    const reading = api.call('apps/web/secrets/KEY:open');
    await soon(() => emulator.requests.length === 3);
    emulator.rotate('web', 'KEY', 'v2');
    const { status, body } = await reading;
    expect([status, body.secret.static_version.value]).toEqual([200, 'v1']);
    expect(performance.now() - started).toBeGreaterThan(140);
  });

  it('given delay and a failure, when both hold, then the failure comes late', async () => {
    emulator.fail({ delay: 60 });
    emulator.fail({ status: 500, times: 1 });
    const started = performance.now();
    expect((await open()).status).toBe(500);
    expect(performance.now() - started).toBeGreaterThan(55);
    expect((await open()).status).toBe(200);
  });

  it('given cut, when a dynamic secret is opened, then the body ends midway and credentials were issued', async () => {
    emulator.fail({ cut: true, times: 1 });
    await expect(open()).rejects.toThrow();
    expect(emulator.opened('web', 'AWS')).toBe(1);
    expect(emulator.requests.at(-1)?.status).toBe(200);
    expect((await open()).body.secret.dynamic_instance.values.id).toBe('AKIA-2');
  });

  it('given hang, when a secret is opened, then no answer comes and nothing is issued', async () => {
    emulator.fail({ hang: true, times: 1 });
    await expect(api.call('apps/web/secrets/AWS:open', { signal: AbortSignal.timeout(100) })).rejects.toThrow();
    expect(emulator.requests.at(-1)?.status).toBeUndefined();
    expect(emulator.opened('web', 'AWS')).toBe(0);
    expect((await open()).status).toBe(200);
  });

  it.each([{ status: 100 }, { status: 9.5 }, { times: 0 }, { delay: -1 }, { code: -1 }])(
    'given %j, when it is switched on, then it is a configuration error',
    (fault) => {
      expect(() => emulator.fail(fault)).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
    },
  );
});

describe('stop', () => {
  it('given hanging and delayed requests, when it is stopped, then they end, and stopping again does nothing', async () => {
    emulator.fail({ hang: true, path: 'AWS' });
    emulator.fail({ delay: 60_000 });
    const pending = [open(), api.call('apps')].map((request) =>
      request.then(
        () => 'answered',
        () => 'ended',
      ),
    );
    await soon(() => emulator.requests.length === 4);
    await Promise.all([emulator.stop(), emulator.stop()]);
    expect(await Promise.all(pending)).toEqual(['ended', 'ended']);
    await emulator.stop();
    await expect(api.call('apps')).rejects.toThrow();
    expect(emulator.apiUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });
});
