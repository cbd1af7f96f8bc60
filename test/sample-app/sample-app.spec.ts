import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { HcpVaultSecretsEmulator } from 'nestjs-hcp-vault/testing';
import type { Overview, SecretRow } from '../../sample-app/page/secrets.overview.js';
import { CompiledSampleApp, type RunningSampleApp } from './compiled-sample-app.js';

let compiled: CompiledSampleApp;
const running: RunningSampleApp[] = [];

beforeAll(() => {
  compiled = new CompiledSampleApp();
}, 60_000);
afterEach(() => Promise.all(running.splice(0).map((app) => app.stop('SIGKILL'))));
afterAll(() => compiled?.remove());

async function started(environment?: Record<string, string>): Promise<{ app: RunningSampleApp; url: string }> {
  const app = compiled.start(environment);
  running.push(app);
  return { app, url: await app.url() };
}

const overview = async (url: string): Promise<Overview> => (await fetch(`${url}/secrets`)).json() as Promise<Overview>;
const rowOf = ({ secrets }: Overview, name: string): SecretRow => secrets.find((secret) => secret.name === name)!;

/** What the emulator's made-up values look like. */
const MADE_UP = /(?:sk_demo_|mail_|AKIA)[\w-]{12}|4711/;

/** Asks until it holds: another process has no clock that a test could move. */
async function eventually<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > end) throw new Error(`Not so within 30 s: ${JSON.stringify(answer)}`);
    await pause(200);
  }
}

describe('the sample app', () => {
  it('given no HCP_CLIENT_ID, when secrets rotate, then it shows the new versions everywhere but in the snapshot, and no value, without a restart', async () => {
    const { app, url } = await started();
    const before = await overview(url);
    expect(before.secrets.map(({ name }) => name).sort()).toEqual(
      ['AWS', 'DATABASE', 'MAIL_TOKEN', 'PIN', 'SIGNING_KEY', 'STRIPE_KEY'].sort(),
    );
    const after = await eventually(
      () => overview(url),
      (now) => Number(rowOf(now, 'STRIPE_KEY').version) > Number(rowOf(before, 'STRIPE_KEY').version),
    );
    expect(rowOf(after, 'STRIPE_KEY').changes).toBeGreaterThan(rowOf(before, 'STRIPE_KEY').changes);
    expect(rowOf(after, 'STRIPE_KEY').age).toBeLessThan(after.uptime);
    expect(after.rotations).toBeGreaterThan(0);
    expect(after.places.map(({ title, live, current }) => [title, live, current])).toEqual([
      ['Constructor parameter', false, false],
      ['Property', true, true],
      ['Field of a dynamic secret', true, true],
      ['Method parameter', true, true],
      ['Handle', true, true],
      ['ConfigService', true, true],
      ['Config namespace', true, true],
      ['Field through ConfigService', true, true],
      ['Client', true, true],
    ]);
    expect(after.places.every(({ isThere }) => isThere)).toBe(true);
    expect(JSON.stringify(after)).not.toMatch(MADE_UP);

    const page = await fetch(`${url}/`);
    expect(page.headers.get('content-type')).toMatch('text/html');
    const html = await page.text();
    for (const { name } of after.secrets) expect(html).toContain(name);
    expect(html).not.toMatch(MADE_UP);
    expect(html).not.toMatch(/(?:src|href)="(?!data:|#|\/[a-z])/);
    for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g)) {
      expect([path, (await fetch(url + path)).status]).toEqual([path, 200]);
    }
    expect((await fetch(`${url}/page/page.controller.ts`)).status).toBe(404);

    expect(await app.stop('SIGTERM')).toBe(0);
    await expect(fetch(url)).rejects.toThrow();
    expect(app.output.trim().split('\n')).toHaveLength(1);
  }, 60_000);

  it('given HCP_* variables of another service, when it starts, then it shows what is there, and no value', async () => {
    const emulator = await HcpVaultSecretsEmulator.start({ apps: { web: { OTHER: 'canary-value-of-some-length' } } });
    try {
      const { app, url } = await started({ ...emulator.environment });
      const { secrets, isEmbedded } = await overview(url);
      expect([secrets, isEmbedded]).toMatchObject([[{ name: 'OTHER', version: '1', changes: 0 }], false]);
      for (const method of ['GET', 'POST']) expect((await fetch(`${url}/demo/rotate`, { method })).status).toBe(404);
      expect((await fetch(`${url}/demo`)).status).toBe(404);
      expect(await (await fetch(url)).text()).not.toContain('canary-value');
      expect(await app.stop('SIGINT')).toBe(0);
      expect(app.output).not.toMatch(/canary-value/);
    } finally {
      await emulator.stop();
    }
  });

  it('given a port that is taken, when it starts, then it ends with 1 and one line that says so', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    const { port } = holder.address() as AddressInfo;
    const app = compiled.start({ PORT: String(port) });
    running.push(app);
    expect(await app.ended).toBe(1);
    expect(app.output).toMatch(new RegExp(`^[^\\n]*port ${port} is taken[^\\n]*\\n$`));
    holder.close();
  });
});
