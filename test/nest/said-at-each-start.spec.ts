import { jest } from '@jest/globals';
import { Test } from '@nestjs/testing';
import type { SecretSource } from 'nestjs-hcp-vault';
import { envSource, firstOf, HcpVaultModule, hcpVaultSecrets, memorySource } from 'nestjs-hcp-vault';
import { awsParameterStore, awsSecretsManager } from 'nestjs-hcp-vault/aws';
import { googleSecretManager } from 'nestjs-hcp-vault/gcp';
import { token, vault } from 'nestjs-hcp-vault/vault';
import { CapturedLogger } from '../support/captured-logger.js';

const IDS = { organizationId: 'o', projectId: 'p', appName: 'a', clientId: 'c', clientSecret: 'canary-secret-7e22' };
const aws = { region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'canary-aws-90ab' } };
const apiUrl = 'http://api.example';
const authUrl = 'http://auth.example';

const INSECURE: [string, string[], () => SecretSource][] = [
  ['hcpVaultSecrets', [apiUrl, authUrl], () => hcpVaultSecrets({ ...IDS, apiUrl, authUrl, allowInsecure: true })],
  ['vault', ['http://vault.example'], () => vault({ address: 'http://vault.example', auth: token('canary-token-11'), allowInsecure: true })],
  ['awsSecretsManager', ['http://sm.example'], () => awsSecretsManager({ ...aws, endpoint: 'http://sm.example', allowInsecure: true })],
  ['awsParameterStore', ['http://ssm.example'], () => awsParameterStore({ ...aws, endpoint: 'http://ssm.example', allowInsecure: true })],
  ['googleSecretManager', ['http://gsm.example'], () => googleSecretManager({ projectId: 'p', endpoint: 'http://gsm.example', allowInsecure: true })],
  ['firstOf', [apiUrl, 'http://vault.example'], () => firstOf(hcpVaultSecrets({ ...IDS, apiUrl, authUrl, allowInsecure: true }), memorySource({}), vault({ address: 'http://vault.example', auth: token('t'), allowInsecure: true }))],
]; // prettier-ignore

/** Nothing is read, so that nothing is sent. */
async function started(source: SecretSource): Promise<CapturedLogger> {
  const logger = new CapturedLogger();
  const imports = [HcpVaultModule.forRoot({ source, preload: 'none', refresh: { enabled: false } })];
  const module = await Test.createTestingModule({ imports }).setLogger(logger).compile();
  const app = module.createNestApplication();
  await app.init();
  await app.close();
  return logger;
}

const linesWith = ({ lines }: CapturedLogger, text: string): string[] => lines.filter((line) => line.includes(text));

afterEach(() => {
  jest.restoreAllMocks();
});

describe('what stands in the log of each start', () => {
  it.each(INSECURE)('given allowInsecure for %s, when apps start one after another, then each log says once what it permits', async (_, origins, make) => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const source = make();
    for (const from of [source, source, make()]) {
      const logger = await started(from);
      for (const origin of origins) {
        const lines = linesWith(logger, origin).filter((line) => line.includes('allowInsecure')); // the line of the start names the place too
        expect(lines).toEqual([expect.stringMatching(/Secrets of "default": allowInsecure permits plain http to http:.*can be read on the way/)]);
      }
      expect(logger.text).not.toContain('canary');
    }
    for (const origin of origins) {
      expect(warned.mock.calls.filter(([text]) => String(text).includes(origin))).toHaveLength(2); // each source
    }
  }); // prettier-ignore

  it('given envSource without a prefix, alone and in firstOf, when an app starts, then its log says once what that opens', async () => {
    for (const source of [envSource(), firstOf(memorySource({}), envSource())]) {
      const lines = linesWith(await started(source), 'every variable of the environment');
      expect(lines).toEqual([expect.stringContaining('envSource() has no prefix')]);
    }
    expect(linesWith(await started(envSource({ prefix: 'APP_' })), 'envSource')).toEqual([]);
  });

  it('given sources that have nothing to say, when an app starts, then its log says nothing', async () => {
    for (const source of [
      memorySource({}),
      hcpVaultSecrets(IDS),
      awsSecretsManager(aws),
      googleSecretManager({ projectId: 'p' }),
    ]) {
      expect(linesWith(await started(source), 'Secrets of')).toEqual([]);
    }
  });
});
