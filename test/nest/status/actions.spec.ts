import { FRAMEWORKS, shownApp, TOKEN } from './apps.js';

const REFRESH = { action: 'refresh', connection: 'default' };

describe.each(FRAMEWORKS)('actions of a status page on %s', (framework) => {
  const acting = (options: object = {}) => shownApp({ framework, status: { token: TOKEN, actions: true }, ...options });

  it('given a value that has changed at the source, when all are refreshed, then readers have it, and the answer counts', async () => {
    const app = await acting();
    app.recorded.memory.rotate('KEY', 'canary-key-2');
    const answer = await app.act(REFRESH);
    const told: unknown = await answer.json();
    const value = app.client.get('KEY');
    await app.app.close();
    expect([answer.status, told]).toEqual([200, { changed: 1, unchanged: 1, failed: 0, failures: [] }]);
    expect(value).toBe('canary-key-2');
    expect(app.logger.text).toContain(
      'A refresh of all secrets of connection "default" was asked for on the status page.',
    );
  });

  it('given the ID of one, when it is refreshed, then that one is read alone', async () => {
    const app = await acting();
    const { secrets } = await app.report();
    const reads = app.recorded.reads.length;
    const answer = await app.act({ ...REFRESH, id: secrets.find(({ name }) => name === 'OTHER')!.id });
    await app.app.close();
    expect(answer.status).toBe(200);
    expect(app.recorded.reads.slice(reads)).toEqual([['OTHER']]);
  });

  it('given a secret that fails, when it is refreshed, then the answer has its code and our message', async () => {
    const app = await acting();
    app.recorded.memory.fail(new Error('canary-of-the-source'));
    const text = await (await app.act(REFRESH)).text();
    await app.app.close();
    expect(JSON.parse(text)).toMatchObject({
      failed: 2,
      failures: [{ name: 'KEY', code: 'SECRET_SOURCE_UNAVAILABLE' }, {}],
    });
    expect(text).not.toContain('canary');
  });

  it('given a refresh that is under way, when another is asked for, then it is told so', async () => {
    const app = await acting();
    const open = app.recorded.hold();
    const first = app.act(REFRESH);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const second = await app.act(REFRESH);
    open();
    const { status } = await first;
    await app.app.close();
    expect([status, second.status]).toEqual([200, 409]);
  });

  it('given pause and resume, when they are asked for, then the client is, and the verdict says so', async () => {
    const app = await acting();
    const paused = await app.act({ action: 'pause', connection: 'default' });
    const { verdict, connections } = await app.report();
    const isPaused = app.client.isPaused;
    const resumed = await app.act({ action: 'resume', connection: 'default' });
    await app.app.close();
    expect([await paused.json(), await resumed.json()]).toEqual([{ isPaused: true }, { isPaused: false }]);
    expect([isPaused, connections[0]!.isPaused, app.client.isPaused]).toEqual([true, true, false]);
    expect(verdict.text).toContain('Readings are paused.');
  });

  it('given no `actions`, when one is asked for, then there is nothing', async () => {
    const app = await shownApp({ framework });
    const { status } = await app.act(REFRESH);
    await app.app.close();
    expect(status).toBe(404);
  });

  it.each([
    ['without the header of the page', { 'x-secrets-status': '' }, 403],
    ['from another origin', { origin: 'https://evil.example' }, 403],
    [
      'from another origin that calls us so',
      { origin: 'http://evil.example', 'x-forwarded-host': 'evil.example' },
      403,
    ],
    ['from an origin that is none', { origin: 'null' }, 403],
    ['from another page, as the browser says', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, 403],
    ['from another host of the site', { 'sec-fetch-site': 'same-site' }, 403],
    ['by a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
    ['as text', { 'content-type': 'text/plain' }, 415],
    ['without the token', { authorization: '' }, 401],
  ])(
    'given an action that is asked for %s, when it comes, then it is refused, and nothing is read',
    async (_, headers, expected) => {
      const app = await acting();
      const reads = app.recorded.reads.length;
      const { status } = await app.act(REFRESH, headers);
      await app.app.close();
      expect([status, app.recorded.reads.length - reads]).toEqual([expected, 0]);
    },
  );

  it.each([
    ['the page itself', (origin: string) => ({ origin })],
    [
      'the page behind a proxy that renames',
      () => ({ origin: 'https://ops.example', 'sec-fetch-site': 'same-origin' }),
    ],
  ])('given an action of %s, when it comes, then it is done', async (_, headers) => {
    const app = await acting();
    const { status } = await app.act(REFRESH, headers(app.origin));
    await app.app.close();
    expect(status).toBe(200);
  });

  it.each([
    [[], 400],
    [null, 400],
    [{}, 400],
    [{ action: 'delete', connection: 'default' }, 400],
    [{ action: 'constructor', connection: 'default' }, 400],
    [{ action: 'refresh', connection: 'default', id: 7 }, 400],
    [{ action: 'refresh', connection: 'nobody' }, 404],
    [{ action: 'refresh', connection: 'default', id: 'default#999' }, 404],
    [{ action: 'refresh', connection: '__proto__' }, 404],
  ])('given %j, when it comes, then it is refused, and nothing is read', async (body, expected) => {
    const app = await acting();
    const reads = app.recorded.reads.length;
    const { status } = await app.act(body);
    await app.app.close();
    expect([status, app.recorded.reads.length - reads]).toEqual([expected, 0]);
  });

  it('given an app without parsers of its own, when an action comes, then it is done', async () => {
    const app = await acting({ options: { bodyParser: false } });
    const { status } = await app.act(REFRESH);
    await app.app.close();
    expect(status).toBe(200);
  });
});
