// AWS as moto plays it, a proxy that can be cut, and what an administrator does there by HTTP alone.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { motoBinary } from '../../test/servers/locations.mjs';

export const region = 'eu-central-1';

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export async function startMoto() {
  const command = motoBinary();
  if (!command) throw new Error('No moto: npm run servers');
  const port = await freePort();
  const child = spawn(command, ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' });
  const endpoint = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    const isThere = await globalThis.fetch(`${endpoint}/moto-api/data.json`).then(({ ok }) => ok, () => false); // prettier-ignore
    if (isThere) break;
    if (tries > 300) throw new Error('moto does not answer');
    await pause(100);
  }
  return { endpoint, port, stop: () => child.kill() };
}

/** Between the app and moto: while it is cut, nothing gets through, and what was connected is not any more. */
export async function startProxy(to) {
  const sockets = new Set();
  let isCut = false;
  const server = createServer((socket) => {
    if (isCut) return socket.destroy();
    const other = connect(to, '127.0.0.1');
    for (const each of [socket, other]) {
      sockets.add(each);
      each.on('error', () => each.destroy()).on('close', () => sockets.delete(each));
    }
    socket.pipe(other).pipe(socket);
    socket.on('close', () => other.destroy());
    other.on('close', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = () => sockets.forEach((socket) => socket.destroy());
  return {
    endpoint: `http://127.0.0.1:${server.address().port}`,
    cut: (is) => ((isCut = is), is && drop()),
    stop: () => (drop(), server.close()),
  };
}

/** Calls AWS's JSON APIs as moto takes them: it looks at the target, and at no signature. */
export function administrator(endpoint) {
  const call = (service, prefix) => async (target, body) => {
    const credential = `AKID/20260101/${region}/${service}/aws4_request`;
    const answer = await globalThis.fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `${prefix}.${target}`,
        authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=x`,
      },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${target}: ${answer.status}`);
    return answer.json().catch(() => ({}));
  };
  const secrets = call('secretsmanager', 'secretsmanager');
  const events = call('events', 'AWSEvents');
  const queues = call('sqs', 'AmazonSQS');
  return {
    create: (name, value) => secrets('CreateSecret', { Name: name, SecretString: value, ClientRequestToken: token() }),
    rotate: (name, value) =>
      secrets('PutSecretValue', { SecretId: name, SecretString: value, ClientRequestToken: token() }),
    async queue(name, rule, prefix) {
      const { QueueUrl } = await queues('CreateQueue', { QueueName: name });
      const { Attributes } = await queues('GetQueueAttributes', { QueueUrl, AttributeNames: ['QueueArn'] });
      const pattern = { source: ['aws.secretsmanager'], detail: { labelUpdated: ['AWSCURRENT'], name: [{ prefix }] } };
      await events('PutRule', { Name: rule, EventPattern: JSON.stringify(pattern) });
      await events('PutTargets', { Rule: rule, Targets: [{ Id: 'queue', Arn: Attributes.QueueArn }] });
      return QueueUrl;
    },
    /** As Secrets Manager tells EventBridge, which moto's does not. */
    announce: (name, versionId) =>
      events('PutEvents', {
        Entries: [
          {
            Source: 'aws.secretsmanager',
            DetailType: 'Secret Label Updated',
            Detail: JSON.stringify({ name, labelUpdated: 'AWSCURRENT', versionId }),
          },
        ],
      }),
  };
}

const token = () => globalThis.crypto.randomUUID();
