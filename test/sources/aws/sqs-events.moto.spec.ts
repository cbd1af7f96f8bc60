import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { UnsubscribeCommand, SNSClient } from '@aws-sdk/client-sns';
import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import type { Clock } from '../../../lib/core/clock.js';
import { systemClock } from '../../../lib/core/clock.js';
import type { RuntimeOptions } from '../../../lib/core/client/secret-runtime.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import type { AnnouncedChange, ChangeListener } from '../../../lib/core/source/change-listener.js';
import { awsSecretsManager, sqsEvents } from '../../../lib/sources/aws/index.js';
import { PATIENCE } from '../../../lib/sources/aws/sqs-events/abandoned-queues.js';
import { ALIVE_TAG, queueNamesOf, SIGN_OF_LIFE } from '../../../lib/sources/aws/sqs-events/own-queue.js';
import { SqsEvents } from '../../../lib/sources/aws/sqs-events/sqs-events.channel.js';
import { describeWith } from '../../servers/available.js';
import { startMoto, type MotoServer } from '../../servers/moto.server.js';
import { FakeClock } from '../../support/fake-clock.js';
import { administrator, credentials, region } from './aws.js';
import { eventOf, eventsAdministrator, notification, secretArn } from './events.js';

const until = async (isTrue: () => boolean | Promise<boolean>, limit = 10_000): Promise<void> => {
  for (const end = Date.now() + limit; !(await isTrue());) {
    if (Date.now() > end) throw new Error('it has not come to that');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
};

/** Who listens, and takes everything down. */
function listening() {
  const heard: AnnouncedChange[] = [];
  const told: string[] = [];
  const causes: unknown[] = [];
  const listener: ChangeListener = Object.assign(
    (changes?: readonly AnnouncedChange[]) => void heard.push(...(changes ?? [])),
    {
      lost: (cause: unknown) => void (told.push('lost'), causes.push(cause)),
      resumed: () => void told.push('resumed'),
    },
  );
  return { heard, told, causes, listener };
}

describeWith(['moto'], 'sqsEvents', () => {
  let moto: MotoServer;
  let aws: ReturnType<typeof administrator>;
  let admin: ReturnType<typeof eventsAdministrator>;
  let connection: { endpoint: string; region: string; credentials: typeof credentials };
  let name: string;
  let queueUrl: string;
  const closing: (() => unknown)[] = [];

  beforeAll(async () => {
    moto = await startMoto();
    aws = administrator(moto.endpoint);
    admin = eventsAdministrator(moto.endpoint);
    connection = { endpoint: moto.endpoint, region, credentials };
  }, 60_000);
  afterAll(async () => {
    aws.end();
    admin.end();
    await moto.stop();
  });
  beforeEach(async () => {
    name = `q-${randomUUID()}`;
    queueUrl = await admin.queue(name);
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });

  async function open(channel: SqsEvents, about = listening()) {
    const close = await channel.open(about.listener);
    closing.push(close);
    return { ...about, close };
  }

  describe('messages', () => {
    it('given events of all kinds, raw and from SNS, when they come, then what they name is announced, and the queue is empty', async () => {
      const channel = sqsEvents({ ...connection, queueUrl });
      const { heard } = await open(channel);
      await admin.sendMany(queueUrl, [
        eventOf.label('app/DB', 'v-1', 'AWSCURRENT', [secretArn('app/DB')]),
        notification(JSON.stringify(eventOf.label('app/MAIL', 'v-2'))),
        eventOf.parameter('/app/PORT'),
        'no JSON',
        eventOf.call('secretsmanager.amazonaws.com', 'PutSecretValue', { secretId: 'app/CALLED' }),
      ]);
      await until(() => heard.length >= 5);
      expect(new Set(heard)).toEqual(
        new Set([
          { name: secretArn('app/DB'), version: 'v-1' },
          { name: 'app/DB', version: 'v-1' },
          { name: 'app/MAIL', version: 'v-2' },
          '/app/PORT',
          'app/CALLED',
        ]),
      );
      await until(async () => (await admin.left(queueUrl)) === 0);
      expect(channel.counts).toEqual({ messages: 5, announced: 5, malformed: 1 });
    });

    it('given copies of one event, and an older one after a newer one, when they come, then each is announced once, and the older one not', async () => {
      const channel = sqsEvents({ ...connection, queueUrl });
      const { heard } = await open(channel);
      const newer = eventOf.label('DB', 'v-2');
      const older = { ...eventOf.label('DB', 'v-1'), time: '2026-01-01T00:00:00Z' };
      await admin.send(queueUrl, newer);
      await until(() => heard.length === 1);
      await admin.sendMany(queueUrl, [newer, older, newer, eventOf.label('OTHER', 'v-9')]);
      await until(async () => (await admin.left(queueUrl)) === 0);
      expect(heard).toEqual([
        { name: 'DB', version: 'v-2' },
        { name: 'OTHER', version: 'v-9' },
      ]);
    });

    it('given more messages than one answer holds, when they come, then all are taken', async () => {
      const { heard } = await open(sqsEvents({ ...connection, queueUrl }));
      await admin.sendMany(
        queueUrl,
        Array.from({ length: 95 }, (_, n) => eventOf.label(`S${n}`, `v-${n}`)),
      );
      await until(async () => (await admin.left(queueUrl)) === 0, 60_000);
      expect(new Set(heard).size).toBe(95);
    }, 90_000);
  });

  describe('an app', () => {
    async function started(options: Partial<RuntimeOptions>, names: readonly string[], prefix: string) {
      const logs: string[] = [];
      const add = (line: string): void => void logs.push(line);
      const source = awsSecretsManager({ ...connection, prefix });
      const runtime = new SecretRuntime({
        source,
        logger: { error: add, warn: add, log: add, debug: () => undefined },
        refresh: { jitter: 0 },
        ...options,
      });
      const client = new HcpVaultClient(runtime);
      closing.push(() => runtime.shutdown());
      await runtime.bootstrap(
        names.map((each) => ({ name: each, need: 'required' }) as const),
        'decorated',
      );
      runtime.start();
      return { runtime, client, logs, statusOf: (each: string) => client.status().find((s) => s.name === each)! };
    }

    it('given 200 rotations, announced by EventBridge, when each is awaited, then each is seen, with at most 1.2 readings a rotation', async () => {
      const prefix = `${name}/`;
      const names = Array.from({ length: 10 }, (_, index) => `K${index}`);
      for (const each of names) await aws.create(prefix + each, `${each}-0`);
      await admin.rule(name, prefix, queueUrl);
      const { client, statusOf, runtime } = await started(
        { push: sqsEvents({ ...connection, queueUrl }) },
        names,
        prefix,
      );
      await until(() => statusOf('K0').channel === 'live' && runtime.options.policies.isEased);
      let readings = 0;
      const { call } = runtime;
      const read = call.source.read.bind(call.source);
      call.source.read = (asked, context) => {
        readings += asked.length;
        return read(asked, context);
      };
      const delays: number[] = [];
      const rotate = async (each: string, n: number): Promise<void> => {
        const { VersionId = '' } = await aws.rotate(prefix + each, `${each}-${n}`);
        const from = performance.now();
        await admin.emit(eventOf.label(prefix + each, VersionId));
        await until(() => client.get(each) === `${each}-${n}`);
        delays.push(performance.now() - from);
      };
      for (let n = 1; n <= 20; n += 1) await Promise.all(names.map((each) => rotate(each, n)));
      expect(readings / 200).toBeLessThanOrEqual(1.2);
      expect(delays.sort((a, b) => a - b)[Math.floor(200 * 0.5)]).toBeLessThan(1_000);
      expect(new Date(statusOf('K0').nextRefreshAt!).getTime() - Date.now()).toBeGreaterThan(5 * 3_600_000);
    }, 120_000);

    it('given a queue that is deleted, when that shows, then the channel is lost, told by name, and the plain interval counts; when it is there again, then all is read once', async () => {
      const prefix = `${name}/`;
      await aws.create(`${prefix}A`, 'v-1');
      const { client, statusOf, runtime, logs } = await started(
        { push: sqsEvents({ ...connection, queueUrl }) },
        ['A'],
        prefix,
      );
      await until(() => runtime.options.policies.isEased);
      await admin.remove(queueUrl);
      await until(() => statusOf('A').channel === 'lost', 30_000);
      expect(runtime.options.policies.isEased).toBe(false);
      expect(logs.join()).toContain(`there is no queue "${name}"`);
      await aws.rotate(`${prefix}A`, 'v-2');
      await admin.queue(name);
      await until(() => client.get('A') === 'v-2', 30_000);
      await until(() => runtime.options.policies.isEased);
      expect(statusOf('A').channel).toBe('live');
    }, 90_000);
  });

  describe('its life', () => {
    it('given a queue that is not there, when it opens, then that is told as lost, and the opening holds up nobody', async () => {
      const { told, causes } = await open(sqsEvents({ ...connection, queueUrl: `${queueUrl}-none` }));
      expect(told).toEqual(['lost']);
      expect(causes[0]).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    });

    it('given a long poll, when it is closed, then that ends at once, and no socket and no timer is left', async () => {
      const before = process.getActiveResourcesInfo().length;
      const { close } = await open(sqsEvents({ ...connection, queueUrl }));
      await new Promise((resolve) => setTimeout(resolve, 200)); // into the long poll
      const from = performance.now();
      await close();
      expect(performance.now() - from).toBeLessThan(1_000);
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect(process.getActiveResourcesInfo().length).toBeLessThanOrEqual(before);
    });

    it('given an opening that is under way, when the app closes, then it is given up', async () => {
      const ending = new AbortController();
      const opening = sqsEvents({ ...connection, endpoint: 'http://127.0.0.1:9', queueUrl }).open(
        listening().listener,
        {
          signal: ending.signal,
        },
      );
      ending.abort();
      await opening;
    });

    it('given two connections, when they share a channel, then both hear each message, and the queue is read until the last of them has closed', async () => {
      const channel = sqsEvents({ ...connection, queueUrl });
      const first = await open(channel);
      const second = await open(channel);
      await admin.send(queueUrl, eventOf.label('DB', 'v-1'));
      await until(() => first.heard.length === 1 && second.heard.length === 1);
      await first.close();
      await admin.send(queueUrl, eventOf.label('DB', 'v-2'));
      await until(() => second.heard.length === 2);
      expect(first.heard).toHaveLength(1);
    });

    it('given a channel and its parts, when they are shown, then there is no credential in it', () => {
      const channel = sqsEvents({ ...connection, queueUrl });
      const shown = [inspect(channel, { depth: 9, showHidden: true }), JSON.stringify(channel), String(channel)].join();
      expect(shown).not.toContain('canary');
      expect(shown).toContain('sqs-events');
    });
  });

  describe('a queue of its own', () => {
    let topicArn: string;
    const own = (hooks = {}) => new SqsEvents({ ...connection, from: { topicArn, endpoint: moto.endpoint } }, hooks);
    const queues = () => admin.queues(queueNamesOf({ topicArn }));
    beforeEach(async () => (topicArn = await admin.topic(name)));

    it('given a topic, when it opens, then there is a queue that keeps messages for 300 s and takes them from this topic alone; when it closes, then there is none, and no subscription', async () => {
      const { heard, close, told } = await open(own());
      const [url] = await queues();
      const attributes = await admin.attributes(url!);
      expect(attributes).toMatchObject({ MessageRetentionPeriod: '300' });
      expect(JSON.parse(attributes['Policy']!)).toMatchObject({
        Statement: [
          {
            Principal: { Service: 'sns.amazonaws.com' },
            Resource: attributes['QueueArn'],
            Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
          },
        ],
      });
      expect(await admin.tags(url!)).toHaveProperty([ALIVE_TAG]);
      await admin.publish(topicArn, eventOf.label('DB', 'v-1'));
      await until(() => heard.length === 1);
      expect(heard).toEqual([{ name: 'DB', version: 'v-1' }]);
      await close();
      expect([await queues(), await admin.subscriptions(topicArn), told]).toEqual([[], [], []]);
    });

    it('given two replicas, when something is published, then both hear it', async () => {
      const [first, second] = [await open(own()), await open(own())];
      expect(await queues()).toHaveLength(2);
      await admin.publish(topicArn, eventOf.label('DB', 'v-1'));
      await until(() => first.heard.length === 1 && second.heard.length === 1);
    });

    it('given a queue that somebody deletes, when that shows, then it is told as lost, another one is made, and it hears again', async () => {
      const { heard, told } = await open(own());
      const [url] = await queues();
      await admin.remove(url!);
      await until(() => told.length === 2, 30_000);
      expect(told).toEqual(['lost', 'resumed']);
      expect(await queues()).toHaveLength(1);
      expect((await queues())[0]).not.toBe(url);
      await admin.publish(topicArn, eventOf.label('DB', 'v-1'));
      await until(() => heard.length === 1);
      expect(await admin.subscriptions(topicArn)).toHaveLength(1);
    }, 60_000);

    it('given a subscription that somebody deletes, when a sign of life is due, then it is told as lost, and made again', async () => {
      const { clock, fake } = patient();
      const { heard, told } = await open(own({ clock }));
      const [subscription] = await admin.subscriptions(topicArn);
      const sns = new SNSClient(connection);
      await sns.send(new UnsubscribeCommand({ SubscriptionArn: subscription!.SubscriptionArn }));
      sns.destroy();
      await fake.advance(SIGN_OF_LIFE);
      await new Promise((resolve) => setTimeout(resolve, 300)); // for moto to answer
      await admin.send((await queues())[0]!, 'ends the long poll');
      await until(() => told.length === 2);
      expect(told).toEqual(['lost', 'resumed']);
      await admin.publish(topicArn, eventOf.label('DB', 'v-1'));
      await until(() => heard.length === 1);
    }, 60_000);

    it('given a topic that is not there, when it opens, then that is told by its name, and no queue is made over and over', async () => {
      const missing = `${topicArn}-none`;
      const channel = new SqsEvents({ ...connection, from: { topicArn: missing, endpoint: moto.endpoint } });
      const { told, causes } = await open(channel);
      expect(told).toEqual(['lost']);
      expect(String((causes[0] as Error).message)).toContain(missing);
      expect(await admin.queues(queueNamesOf({ topicArn: missing }))).toHaveLength(1);
    });

    it('given queues of a replica that lives, of one that died, and of another topic, when the next one has watched for eleven minutes, then the dead one’s is gone, with its subscription, and no other', async () => {
      const { clock, fake } = patient();
      const living = await open(own({ clock }));
      const alive = new Date().toISOString(); // as young as the other: clocks are not compared
      const dead = await admin.abandoned(`${queueNamesOf({ topicArn })}dead`, topicArn, alive);
      const other = await admin.abandoned(`nestjs-hcp-vault-${randomUUID().slice(0, 10)}-x`, topicArn, alive);
      expect(await admin.subscriptions(topicArn)).toHaveLength(3);
      const next = await open(own({ clock, random: () => 0 }));
      for (let passed = 0; passed < PATIENCE + 3 * 60_000; passed += 30_000) {
        await fake.advance(30_000);
        await new Promise((resolve) => setTimeout(resolve, 50)); // for moto to answer
      }
      await until(async () => (await queues()).length === 2);
      expect(await queues()).not.toContain(dead);
      expect(await admin.tags(other)).toHaveProperty([ALIVE_TAG], alive);
      expect(await admin.subscriptions(topicArn)).toHaveLength(3); // of the two that live, and of the other
      await admin.publish(topicArn, eventOf.label('DB', 'v-1'));
      await until(() => living.heard.length === 1 && next.heard.length === 1);
      expect([living.told, next.told]).toEqual([[], []]);
    }, 60_000);
  });
});

/** Seconds pass by themselves, minutes when the test says so. */
function patient() {
  const fake = new FakeClock();
  const clock: Clock = {
    now: () => systemClock.now(),
    wall: () => systemClock.wall(),
    setTimer: (callback, delay, keepAlive) =>
      delay >= 60_000 ? fake.setTimer(callback, delay) : systemClock.setTimer(callback, delay, keepAlive),
    sleep: (delay, signal) => systemClock.sleep(delay, signal),
  };
  return { clock, fake };
}
