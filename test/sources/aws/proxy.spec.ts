import { once } from 'node:events';
import type { Server } from 'node:https';
import { createServer, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { ProxyAgent, proxyAgent } from '../../../lib/sources/aws/shared/proxy-agent.js';
import { certificate } from '../support/certificate.js';
import { failureOf } from '../support/hcp.js';
import type { TestProxy } from '../support/proxy.js';
import { startProxy } from '../support/proxy.js';
import { credentials, region, valueOf } from './aws.js';

const environment = { ...process.env };
const proxies: TestProxy[] = [];
let target: Server;
let ca: string;
beforeAll(async () => {
  const { key, cert } = await certificate('secrets.example');
  ca = cert;
  target = createServer({ key, cert }, (request, response) => response.end(request.headers.host)).listen(0);
  await once(target, 'listening');
});
beforeEach(() => {
  for (const name of ['HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy']) delete process.env[name];
});
afterEach(() => {
  process.env = { ...environment };
  for (const proxy of proxies.splice(0)) proxy.stop();
});
afterAll(() => target.close());

async function proxy(status?: number): Promise<TestProxy> {
  const started = await startProxy((target.address() as AddressInfo).port, status);
  proxies.push(started);
  return started;
}

/** The answer of a host, through an agent. */
const answerOf = (agent: ProxyAgent, host: string): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ host, port: 443, path: '/', agent }, (response) => {
      let text = '';
      response.on('data', (chunk) => (text += String(chunk)));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });

describe('the SDK behind a proxy', () => {
  it('given a proxy that takes a password, when a host is asked twice, then one tunnel leads there, with TLS that ends at the host', async () => {
    const { url, tunnels } = await proxy();
    const agent = new ProxyAgent(new URL(url.replace('//', '//us%65r:p%40ss@')), { keepAlive: true, ca });
    expect([await answerOf(agent, 'secrets.example'), await answerOf(agent, 'secrets.example')]).toEqual(['secrets.example', 'secrets.example']); // prettier-ignore
    expect(tunnels).toEqual([
      { target: 'secrets.example:443', authorization: `Basic ${Buffer.from('user:p@ss').toString('base64')}` },
    ]);
    await expect(answerOf(new ProxyAgent(new URL(url), {}), 'secrets.example')).rejects.toMatchObject({
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    expect(inspect(agent, { showHidden: true })).not.toContain('p%40ss');
    agent.destroy();
  });

  it.each([
    [
      { useFipsEndpoint: true },
      [
        'secretsmanager-fips.us-east-1.amazonaws.com:443',
        'ssm-fips.us-east-1.amazonaws.com:443',
        'sts-fips.us-east-1.amazonaws.com:443',
      ],
    ],
    [
      { useDualstackEndpoint: true },
      ['secretsmanager.us-east-1.amazonaws.com:443', 'ssm.us-east-1.api.aws:443', 'sts.us-east-1.api.aws:443'],
    ],
    [
      { useFipsEndpoint: true, useDualstackEndpoint: true },
      [
        'secretsmanager-fips.us-east-1.amazonaws.com:443',
        'ssm-fips.us-east-1.api.aws:443',
        'sts-fips.us-east-1.api.aws:443',
      ],
    ],
  ])('given %j, when both stores and STS are asked, then these are the endpoints', async (variants, targets) => {
    const { url, tunnels } = await proxy(403);
    process.env['HTTPS_PROXY'] = url;
    process.env['AWS_MAX_ATTEMPTS'] = '1';
    const options = { region: 'us-east-1', credentials, ...variants };
    const assumeRole = { roleArn: 'arn:aws:iam::123456789012:role/reader' };
    for (const source of [
      awsSecretsManager(options),
      awsParameterStore(options),
      awsSecretsManager({ ...options, assumeRole }),
    ]) {
      await failureOf(valueOf(source, 'KEY'));
      await source.close();
    }
    expect(tunnels.map((tunnel) => tunnel.target)).toEqual(targets);
    expect(() => awsSecretsManager({ ...options, endpoint: 'https://aws.example' })).toThrow(/choose among AWS/);
    expect(() => awsSecretsManager({ client: { send: () => Promise.resolve({}) }, ...variants } as never)).toThrow(
      /exclude each other/,
    );
  });

  it('given HTTPS_PROXY, when both stores and STS are asked, then they are asked through it, and NO_PROXY excepts hosts', async () => {
    const { url, tunnels } = await proxy(403);
    process.env['HTTPS_PROXY'] = url;
    process.env['NO_PROXY'] = '.example, ssm.eu-central-1.amazonaws.com:1';
    const roleArn = 'arn:aws:iam::123456789012:role/reader';
    process.env['AWS_MAX_ATTEMPTS'] = '1';
    for (const source of [
      awsSecretsManager({ region, credentials }),
      awsParameterStore({ region, credentials }),
      awsSecretsManager({ region, credentials, assumeRole: { roleArn } }),
    ]) {
      const error = await failureOf(valueOf(source, 'KEY'));
      expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
      expect(String(error)).toContain('PROXY_403');
      await source.close();
    }
    expect(tunnels.map((tunnel) => tunnel.target)).toEqual([
      'secretsmanager.eu-central-1.amazonaws.com:443',
      'ssm.eu-central-1.amazonaws.com:443',
      'sts.eu-central-1.amazonaws.com:443',
    ]);
    process.env['NO_PROXY'] = 'secrets.example';
    const agent = proxyAgent('aws') as ProxyAgent;
    await expect(answerOf(agent, 'secrets.example')).rejects.toBeDefined();
    expect(tunnels).toHaveLength(3);
    agent.destroy();
  });

  it('given a text that is not a URL, when a client is made, then it is refused, and nothing of the text is told', async () => {
    for (const text of ['ftp://user:canary@proxy', 'http://us%er:canary@proxy', 'http://:canary@']) {
      process.env['HTTPS_PROXY'] = text;
      const source = awsSecretsManager({ region, credentials });
      const error = await failureOf(valueOf(source, 'KEY'));
      expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
      expect(inspect(error)).not.toContain('canary');
      await source.close();
    }
  });
});
