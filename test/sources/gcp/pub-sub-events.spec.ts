import { SecretConfigurationError, type AnnouncedChange, type SecretError } from 'nestjs-hcp-vault';
import { pubSubEvents, type PubSubEventsOptions } from 'nestjs-hcp-vault/gcp';
import type { PubSubHooks } from '../../../lib/sources/gcp/pubsub/pub-sub-events.channel.js';
import { PubSubEventsChannel } from '../../../lib/sources/gcp/pubsub/pub-sub-events.channel.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { describeWith } from '../../servers/available.js';
import { PUBSUB_TOKEN, PubSubServer, TOPIC } from '../../servers/pubsub.server.js';
import { printed } from '../support/printed.js';
import { cleanUp, emulated } from './support/google.js';

const until = async (isSo: () => boolean | Promise<boolean>, within = 8_000): Promise<void> => {
  const deadline = performance.now() + within;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error('it did not come to be so');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

const auth = { getAccessToken: () => Promise.resolve(PUBSUB_TOKEN) };
const environment = { HOME: '/nonexistent', METADATA_SERVER_DETECTION: 'none' };
const added = (secret: string, version: string): Record<string, string> => ({
  eventType: 'SECRET_VERSION_ADD',
  dataFormat: 'JSON_API_V1',
  secretId: `projects/12345/secrets/${secret}`,
  versionId: `projects/12345/secrets/${secret}/versions/${version}`,
});

describeWith(['Pub/Sub'], 'pubSubEvents', () => {
  let server: PubSubServer;
  const endings: (() => unknown)[] = [];
  beforeEach(async () => {
    server = await PubSubServer.start();
  });
  afterEach(async () => {
    server.fault = () => undefined;
    for (const end of endings.splice(0).reverse()) await end();
    await server.stop();
    await cleanUp();
  });

  async function opened(options: Partial<PubSubEventsOptions> = { topic: TOPIC }, hooks: PubSubHooks = {}) {
    const given = { auth, endpoint: server.url, ...options } as PubSubEventsOptions;
    const channel = new PubSubEventsChannel(given, { environment, ...hooks });
    const heard: AnnouncedChange[] = [];
    const lost: SecretError[] = [];
    let resumed = 0;
    const listener = Object.assign((changes?: readonly AnnouncedChange[]) => void heard.push(...(changes ?? [])), {
      lost: (error: unknown) => void lost.push(error as SecretError),
      resumed: () => void (resumed += 1),
    });
    const end = await channel.open(listener);
    endings.push(end);
    return { channel, heard, lost, end, resumed: () => resumed };
  }

  it('given a topic, when the channel is open, then there is a subscription of its own that expires, and when it ends, none', async () => {
    const first = await opened();
    const second = await opened({ topic: 'secrets', projectId: 'app-project' });
    const all = await server.subscriptions();
    expect(all).toHaveLength(2);
    expect(all[0]).toMatchObject({
      topic: TOPIC,
      expirationPolicy: { ttl: '86400s' },
      messageRetentionDuration: '600s',
    });
    await first.end();
    expect(await server.subscriptions()).toHaveLength(1);
    await second.end();
    expect(await server.subscriptions()).toEqual([]);
  });

  it('given events of all types, when they are published, then those after which a value may differ are announced, each replica hears them, and none comes twice', async () => {
    const replicas = [await opened(), await opened()];
    const of = (eventType: string, more: object = {}) => ({ ...added('KEY', '7'), eventType, ...more });
    await server.publish(
      added('KEY', '7'),
      of('SECRET_VERSION_DISABLE'),
      of('SECRET_ROTATE'),
      of('SECRET_VERSION_DESTROY_SCHEDULED'),
      { eventType: 'TOPIC_CONFIGURED' },
      of('SECRET_DELETE', { secretId: 'projects/12345/locations/europe-west3/secrets/KEY' }),
      of('SECRET_VERSION_ADD', { secretId: 'canary-no-resource' }),
      {},
    );
    const expected = [
      { name: 'projects/12345/secrets/KEY', version: '7' },
      'projects/12345/secrets/KEY',
      'projects/12345/locations/europe-west3/secrets/KEY',
    ];
    await until(() => replicas.every(({ heard }) => heard.length >= 3));
    await until(() => server.requests.filter((line) => line.endsWith(':acknowledge')).length >= 2);
    await new Promise((resolve) => setTimeout(resolve, 700)); // another pull
    for (const { heard, lost } of replicas) expect([heard, lost]).toEqual([expect.arrayContaining(expected), []]);
    for (const { heard } of replicas) expect(heard).toHaveLength(3);
  });

  it('given a subscription that is there, when events come, then they are heard, and it stays when the channel ends', async () => {
    const name = 'projects/app-project/subscriptions/mine';
    await server.ask('PUT', name, { topic: TOPIC });
    await server.publish(added('EARLY', '1'));
    const { heard, end } = await opened({ subscription: name });
    await server.publish(added('KEY', '2'));
    await until(() => heard.length === 2);
    await end();
    expect(await server.subscriptions()).toHaveLength(1);
    expect(server.requests.some((line) => /^(PUT|DELETE)/.test(line))).toBe(false);
  });

  it('given a subscription that is deleted or has expired, when that is seen, then another is made, and what was missed is said', async () => {
    const { heard, lost, resumed } = await opened();
    const [{ name }] = (await server.subscriptions()) as [{ name: string }];
    await server.ask('DELETE', name);
    await until(() => resumed() === 1);
    expect(lost).toHaveLength(1);
    await server.publish(added('KEY', '3'));
    await until(() => heard.length === 1);
    expect((await server.subscriptions()).map((each) => each['name'])).not.toContain(name);
  });

  it.each([
    ['refused', 503 as const, 'SECRET_SOURCE_UNAVAILABLE'],
    ['throttled', 429 as const, 'SECRET_THROTTLED'],
    ['without the right', 403 as const, 'SECRET_ACCESS_DENIED'],
    ['cut', 'cut' as const, 'SECRET_SOURCE_UNAVAILABLE'],
  ])(
    'given a service that is %s for a while, when it is back, then it was told once, and it is heard again',
    async (_, fault, code) => {
      const { heard, lost, resumed } = await opened();
      server.fault = () => fault;
      await until(() => lost.length === 1);
      expect(lost[0]!.code).toBe(code);
      if (fault === 403) expect(lost[0]!.message).toContain('pubsub.subscriptions.consume');
      await new Promise((resolve) => setTimeout(resolve, 300));
      server.fault = () => undefined;
      await server.publish(added('KEY', '2'));
      await until(() => heard.length === 1);
      expect([lost.length, resumed()]).toEqual([1, 1]);
      expect(printed(lost[0])).not.toContain('canary');
    },
  );

  it('given a topic that there is not, or a token that is refused, when the channel opens, then it is told by name, and tried again', async () => {
    const { lost, resumed } = await opened({ topic: 'projects/app-project/topics/later' });
    expect(lost.map(({ message }) => message)).toEqual([expect.stringContaining('there is no such topic')]);
    await server.ask('PUT', 'projects/app-project/topics/later', {});
    await until(() => resumed() === 1);
    const refused = await opened({ topic: TOPIC, auth: { getAccessToken: () => Promise.resolve('canary-other') } });
    expect(refused.lost.map(({ code }) => code)).toEqual(['SECRET_AUTHENTICATION']);
    expect(printed(refused.lost)).not.toContain('canary');
  });

  it('given a service that says nothing any more, when the time for a pull is over and a short one is not answered either, then the channel is lost; a quiet one is not', async () => {
    const { lost, resumed } = await opened({ topic: TOPIC }, { pullTimeout: 200, peekTimeout: 1_000 }); // each pull takes half a second
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(lost).toEqual([]);
    server.fault = () => 'hang';
    await until(() => lost.length === 1, 14_000);
    server.fault = () => undefined;
    await until(() => resumed() === 1, 14_000);
  }, 30_000);

  it('given a service that hangs, when the channel ends, then it does so at once', async () => {
    const { end } = await opened();
    server.fault = () => 'hang';
    const from = performance.now();
    await end();
    expect(performance.now() - from).toBeLessThan(4_000);
  });

  it('given a secret in an app, when a version is added, then readers have it in a moment, by one reading', async () => {
    const { google, source } = await emulated({ KEY: 'v1' });
    const push = new PubSubEventsChannel({ topic: TOPIC, auth, endpoint: server.url }, { environment });
    const runtime = new SecretRuntime({ source, push, refresh: { jitter: 0 } });
    endings.push(() => runtime.shutdown());
    const client = new HcpVaultClient(runtime);
    await runtime.bootstrap([{ name: 'KEY', need: 'required' }], 'decorated');
    runtime.start();
    await until(() => client.status()[0]?.channel === 'live');
    await until(() => server.requests.filter((line) => line.endsWith(':pull')).length > 1);
    const before = google.requests.length;
    google.set('KEY', 'v2');
    const from = performance.now();
    await server.publish(added('KEY', '2'));
    await until(() => client.get('KEY') === 'v2');
    expect(performance.now() - from).toBeLessThan(2_000);
    expect(google.requests.length - before).toBeLessThanOrEqual(2);
    await runtime.shutdown();
    expect(await server.subscriptions()).toEqual([]);
  });
});

describe('pubSubEvents as it is made', () => {
  it.each([
    [{}, 'one of `topic` and `subscription`'],
    [{ topic: 'a-b-c', subscription: 'a-b-c' }, 'one of `topic` and `subscription`'],
    [{ topic: 'projects/p/topics/../x' }, '"topic"'],
    [{ topic: 'a/b' }, '"topic"'],
    [{ subscription: 'projects/p/topics/abc' }, '"subscription"'],
    [{ topic: 'abc', projectId: 'a/b' }, '"topic"'],
    [{ topic: 'abc', endpoint: 'http://pubsub.example' }, 'plain http'],
    [{ topic: 'abc', auth: {} }, 'getAccessToken'],
    [{ topc: 'abc' }, 'Did you mean "topic"'],
  ])('given %j, when it is made or opened, then the error names what is wrong', async (options, text) => {
    const listener = Object.assign(() => undefined, { lost: () => undefined, resumed: () => undefined });
    const open = async (): Promise<unknown> =>
      pubSubEvents({ ...options } as never).open(listener, new AbortController());
    await expect(open()).rejects.toThrow(text);
    await expect(open()).rejects.toThrow(SecretConfigurationError);
  });

  it('given its credentials, when it is printed, then they are not there', () => {
    const given = { getAccessToken: () => Promise.resolve('canary'), secret: 'canary' };
    expect(printed(pubSubEvents({ topic: TOPIC, auth: given }))).not.toContain('canary');
  });
});
