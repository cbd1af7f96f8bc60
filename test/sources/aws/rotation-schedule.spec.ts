import { HcpVaultClient } from '../../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../../lib/core/client/secret-runtime.js';
import { AwsSecretsManagerSource } from '../../../lib/sources/aws/secrets-manager/index.js';
import { FakeClock } from '../../support/fake-clock.js';
import { stopServers } from '../support/server.js';
import { credentials, context, region } from './aws.js';
import type { StubAnswer } from './stub.js';
import { startStub, valueOf } from './stub.js';

afterEach(stopServers);
const HOUR = 3_600_000;

async function stage(describe: (clock: FakeClock) => StubAnswer) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const stub = await startStub(({ operation }) =>
    operation === 'DescribeSecret' ? describe(clock) : valueOf('KEY', 'v'),
  );
  const options = { region, credentials, endpoint: stub.url, followRotation: true };
  const source = new AwsSecretsManagerSource(options, {
    clock,
    random: () => 0.5,
    warn: (text) => warnings.push(text),
  });
  const expiresAt = async () => {
    const found = (await source.read(['KEY'], context())).get('KEY');
    return found && 'expiresAt' in found ? found.expiresAt?.getTime() : undefined;
  };
  const described = () => stub.operations().filter((name) => name === 'DescribeSecret').length;
  return { clock, warnings, stub, source, expiresAt, described };
}

describe('followRotation', () => {
  it('given a next rotation, when read, then it is to be read again within the minute after it, and AWS is not asked twice', async () => {
    const at = (clock: FakeClock) => Math.round((clock.wall() + HOUR) / 1000);
    const { clock, expiresAt, described, source } = await stage((clock) => ({
      RotationEnabled: true,
      NextRotationDate: at(clock),
    }));
    const due = at(clock) * 1000 + 30_000;
    expect([await expiresAt(), await expiresAt()]).toEqual([due, due]);
    expect(described()).toBe(1);
    clock.jump(2 * HOUR);
    expect(await expiresAt()).toBeGreaterThan(due);
    expect(described()).toBe(2);
    await source.close();
  });

  it('given the client’s refresh job, when the rotation has come, then it reads, long before the interval is over', async () => {
    const { clock, source, stub } = await stage((clock) => ({
      RotationEnabled: true,
      NextRotationDate: Math.round((clock.wall() + HOUR) / 1000),
    }));
    const runtime = new SecretRuntime({ source, clock, random: () => 0.5, cache: { maxAge: '30d' } });
    const client = new HcpVaultClient(runtime);
    await client.fetch('KEY');
    expect(client.status()[0]!.nextRefreshAt!.getTime() - clock.wall()).toBe(HOUR + 30_000);
    expect(stub.operations()).toEqual(['GetSecretValue', 'DescribeSecret']);
    await runtime.shutdown();
  });

  it('given no rotation, or no permission to ask, when read, then the interval alone counts, with one warning for the latter', async () => {
    const none = await stage(() => ({ RotationEnabled: false }));
    expect(await none.expiresAt()).toBeUndefined();
    await none.source.close();
    const denied = await stage(() => ({ error: 'AccessDeniedException' }));
    expect([await denied.expiresAt(), await denied.expiresAt()]).toEqual([undefined, undefined]);
    expect(denied.described()).toBe(1);
    expect(denied.warnings).toEqual([expect.stringContaining('secretsmanager:DescribeSecret')]);
    await denied.source.close();
  });
});
