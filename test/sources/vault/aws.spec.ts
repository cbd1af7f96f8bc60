import type { VaultClient, VaultError } from '../../../lib/sources/vault/index.js';
import { describeWith } from '../../servers/available.js';
import type { MotoServer } from '../../servers/moto.server.js';
import { startMoto } from '../../servers/moto.server.js';
import type { VaultServer } from '../../servers/vault.server.js';
import { startDevVault } from '../../servers/vault.server.js';
import { clientTo, closeClients, failureOf } from './support/clients.js';
import { IAM_SERVER_ID, iamCredentials, setUpIam } from './support/iam.js';

const credentials = iamCredentials;

describeWith(['HashiCorp Vault', 'moto'], 'VaultClient against Vault: AWS, with moto', () => {
  let server: VaultServer;
  let moto: MotoServer;
  let client: VaultClient;

  beforeAll(async () => {
    [server, moto] = await Promise.all([startDevVault(), startMoto()]);
    client = clientTo(server);
  }, 60_000);
  afterAll(async () => {
    await closeClients();
    await Promise.all([server?.stop(), moto?.stop()]);
  });

  describe('the AWS engine', () => {
    beforeAll(async () => {
      await client.sys.enableEngine('aws');
      await client.write('aws/config/root', {
        access_key: 'test',
        secret_key: 'test',
        region: 'us-east-1',
        iam_endpoint: moto.endpoint,
        sts_endpoint: moto.endpoint,
      });
      const policy = JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
      });
      await client.write('aws/roles/user', { credential_type: 'iam_user', policy_document: policy });
      await client.write('aws/roles/assumed', {
        credential_type: 'assumed_role',
        role_arns: ['arn:aws:iam::123456789012:role/one', 'arn:aws:iam::123456789012:role/two'],
      });
    });

    test('given an IAM user’s role, when credentials are generated, then keys with a renewable lease', async () => {
      const { data, leaseId, renewable } = await client.aws.generateCredentials('user');
      expect(data.access_key).toMatch(/^AKIA/);
      expect(data.secret_key).toHaveLength(40);
      expect([leaseId.split('/', 3).join('/'), renewable]).toEqual(['aws/creds/user', true]);
      await client.sys.leases.revoke(leaseId, { sync: true });
    });

    test('given an assumed role, when credentials are generated, then of that role, for that long, not renewable', async () => {
      const { data, leaseDuration, renewable } = await client.aws.generateCredentials('assumed', {
        roleArn: 'arn:aws:iam::123456789012:role/two',
        roleSessionName: 'session-a',
        ttl: '15m',
      });
      expect(data.arn).toBe('arn:aws:sts::123456789012:assumed-role/two/session-a');
      expect(data.session_token ?? data.security_token).toEqual(expect.any(String));
      expect(renewable).toBe(false);
      expect(leaseDuration).toBeGreaterThan(0);
    });

    test('given STS, when asked by POST, then the same; `mount` in either place', async () => {
      const roleArn = 'arn:aws:iam::123456789012:role/one';
      const { data } = await client.aws.generateStsCredentials('assumed', { roleArn, ttl: '20m' }, { mount: 'aws' });
      expect(data.access_key).toEqual(expect.stringMatching(/^ASIA/));
      await client.aws.generateStsCredentials('assumed', { roleArn, mount: 'aws' });
      await expect(client.aws.generateStsCredentials('assumed', { roleArn }, { mount: 'b' })).rejects.toMatchObject({
        status: 404,
      });
    });

    test('given an unknown role, or an ARN that the role lacks, when asked, then Vault’s error', async () => {
      await expect(client.aws.generateCredentials('none')).rejects.toMatchObject({ status: 400 });
      const roleArn = 'arn:aws:iam::123456789012:role/three';
      const error = await failureOf<VaultError>(client.aws.generateCredentials('assumed', { roleArn }));
      expect(error.message).toContain('not in allowed role arns');
    });
  });

  describe('the login by IAM', () => {
    beforeAll(() => setUpIam(client, moto, 'default'));
    const stranger = () => clientTo({ address: server.address });

    test('given credentials, fixed or from a provider, when logged in, then the client has a token', async () => {
      for (const given of [credentials, async () => ({ ...credentials, sessionToken: 'canary-session' })]) {
        const app = stranger();
        const { auth } = await app.auth.awsIam.login({ role: 'app', serverId: IAM_SERVER_ID, credentials: given });
        expect(auth.metadata).toMatchObject({ account_id: '123456789012', auth_type: 'iam' });
        expect(app.token).toBe(auth.client_token);
      }
    });

    test('given nothing but AWS’s variables, when logged in, then its own chain of providers finds them', async () => {
      const before = { ...process.env };
      process.env['AWS_ACCESS_KEY_ID'] = credentials.accessKeyId;
      process.env['AWS_SECRET_ACCESS_KEY'] = credentials.secretAccessKey;
      try {
        const app = stranger();
        await app.auth.awsIam.login({ role: 'app', serverId: IAM_SERVER_ID, region: 'us-east-1' });
        expect(await app.isAuthenticated()).toBe(true);
      } finally {
        process.env = before;
      }
    });

    test('given no server ID, or another, when logged in, then it is refused, and nothing signed is in the error', async () => {
      for (const serverId of [undefined, 'else.test']) {
        const error = await failureOf<VaultError>(stranger().auth.awsIam.login({ role: 'app', serverId, credentials }));
        expect(error.status).toBe(400);
        expect(error.message).toContain('X-Vault-AWS-IAM-Server-ID');
        expect(error.message).not.toMatch(/canary|AKIA|Signature=/);
      }
    });

    test('given a provider that fails, when logged in, then the error says what to do, and no more', async () => {
      const failing = async () => Promise.reject(new Error('canary-provider'));
      const refused = await failureOf(stranger().auth.awsIam.login({ credentials: failing }));
      expect(refused).toMatchObject({ code: 'SECRET_CONFIGURATION' });
      expect(refused.message).toContain('No AWS credentials');
      expect(refused.message).not.toContain('canary');
    });
  });
});
