import { inspect } from 'node:util';
import { openedSource, sourceText } from '../../lib/cli/source/opened-source.js';
import { SCHEMES } from '../../lib/cli/source/schemes.js';
import { SourceSpec } from '../../lib/cli/source/source-spec.js';
import { UsageError } from '../../lib/cli/usage-error.js';
import { isSecretError } from '../../lib/core/errors/index.js';

const VAULT = { VAULT_TOKEN: 'canary-token' };
const HCP_CLIENT = { HCP_CLIENT_ID: 'id', HCP_CLIENT_SECRET: 'canary-client-secret' };

/** Where the source looks for `DB`. */
async function placeOf(text: string): Promise<unknown> {
  const source = await openedSource(text, { environment: VAULT });
  const place = source.describe?.('DB')[0];
  await source.close?.();
  return place && `${source.kind} ${place.name} ${place.at ?? ''}`;
}

const refusal = async (text: string, environment: NodeJS.ProcessEnv = {}): Promise<Error> => {
  try {
    await openedSource(text, { environment });
  } catch (error) {
    return error as Error;
  }
  throw new Error('taken');
};

describe('a source of the command line', () => {
  // Sources look at the environment of the process themselves.
  const before = { ...process.env };
  beforeAll(() => void Object.assign(process.env, HCP_CLIENT));
  afterAll(() => void (process.env = before));

  it.each<[text: string, expected: string]>([
    ['env:APP_', 'env APP_DB'],
    ['file:./some%20folder/prod.env', 'file DB .*/some folder/prod.env'],
    ['dir:/run/secrets?trim&json=false', 'directory DB /run/secrets'],
    ['vault:kv/prod?address=https://vault.example:8200&namespace=shop', 'vault kv/prod/DB .*vault.example.*shop'],
    ['vault:', 'vault secret/DB'],
    ['vault:team/kv/prod?mount=team/kv', 'vault team/kv/team/kv/prod/DB'],
    ['vault:prod?mount=team/kv', 'vault team/kv/prod/DB'],
    ['vault:kv?document=prod/app', 'vault kv/prod/app'],
    ['aws-sm:prod/?region=eu-west-1', 'aws-secrets-manager prod/DB eu-west-1'],
    ['aws-ssm:/prod/?region=eu-west-1', 'aws-parameter-store /prod/DB eu-west-1'],
    ['gcp:my-project/prod_', 'google-secret-manager .*prod_DB'],
    ['azure:prod-vault', 'azure-key-vault DB https://prod-vault.vault.azure.net'],
    ['azure:https://prod-vault.vault.azure.cn', 'azure-key-vault DB https://prod-vault.vault.azure.cn'],
    [
      'hcp:web?organizationId=11111111-1111-4111-8111-111111111111&projectId=22222222-2222-4222-8222-222222222222',
      'hcp-vault-secrets DB .*web',
    ],
  ])('given %s, when it is opened, then it looks at that place', async (text, expected) => {
    expect(await placeOf(text)).toMatch(new RegExp(`^${expected}`));
  });

  it.each([
    ['leaked-hvs.CAESI', 'SCHEME:PLACE'],
    ['leaked-word:x', 'no such source'],
    ['vautl:x', 'Did you mean "vault"'],
    ['vault:x?token=leaked-t', 'takes no credential: "token" is one'],
    ['vault:x?vaultToken=leaked-t', 'takes no credential'],
    ['vault:x?secretId=leaked-t', 'takes no credential'],
    ['aws-sm:?secretAccessKey=leaked-k', 'takes no credential'],
    ['azure:?client_secret=leaked-k', 'takes no credential: one of its options'],
    ['vault:x?address=https://me:leaked-pass@vault.example', 'before the @'],
    ['hcp:https://leaked-pass@portal.example/apps/web', 'before the @'],
    ['vault:x?adress=https://v', 'Did you mean "address"'],
    ['vault:x?leaked-z9=1', 'has no option one of its options'],
    ['vault:x?address', 'needs a value for "address"'],
    ['vault:x?allowInsecure=leaked', 'as it stands'],
    ['vault:x?rateLimit=leaked', 'takes a number'],
    ['vault:x?role=a&role=leaked', '"role" twice'],
    ['vault:x?auth=leaked', 'takes for "auth": token'],
    ['vault:x?auth=kubernetes', 'needs role='],
    ['vault:x?auth=userpass', 'needs VAULT_USERNAME'],
    ['vault:x', 'needs a login: VAULT_TOKEN'],
    ['vault:%leaked', 'percent sign is %25'],
    ['file:', 'path of a file'],
    ['dir:', 'path of a folder'],
    ['azure:', 'name of a vault'],
    ['k8s:a/b/leaked', 'NAMESPACE/SECRET'],
    ['aws-sm:?externalId=leaked', 'needs roleArn='],
    ['aws-sm:?document=a&optional=maybe', 'as it stands'],
    ['file:/leaked/path.txt', '`.yml` or `.env`'],
  ])('given %s, when it is opened, then it is refused without quoting it', async (text, said) => {
    const error = await refusal(text);
    expect(error instanceof UsageError || isSecretError(error)).toBe(true);
    expect(error.message).toContain(said);
    expect(inspect(error)).not.toMatch(/leaked(?!\/path\.spec)/);
  });

  it('given each scheme, when it is loaded, then it takes all of the options that help lists', async () => {
    for (const { name, parameters } of SCHEMES) {
      const all = Object.entries(parameters).map(([key, kind]) => (kind === 'boolean' ? key : `${key}=1`));
      // It may refuse the sum of them, but none as unknown.
      const outcome = await openedSource(`${name}:x?${all.join('&')}`, { environment: VAULT }).catch(
        (error: Error) => error.message,
      );
      expect(String(outcome)).not.toContain('has no option');
    }
  });

  it('given no --source, when it is asked for, then the environment names it, else the error says how', () => {
    expect(sourceText(undefined, { environment: { HCP_VAULT_SOURCE: 'env:A_' } })).toBe('env:A_');
    expect(sourceText('env:B_', { environment: { HCP_VAULT_SOURCE: 'env:A_' } })).toBe('env:B_');
    expect(() => sourceText(undefined, { environment: {} })).toThrow('HCP_VAULT_SOURCE');
  });

  it('given a spec, when it is printed, then it shows its scheme alone', () => {
    const spec = SourceSpec.of('vault:leaked-place?address=leaked-address');
    expect([inspect(spec), String(spec), JSON.stringify(spec)].join()).not.toContain('leaked');
  });
});
