import { awsParameterStore, awsSecretsManager } from '../../../lib/sources/aws/index.js';
import { printed } from '../support/printed.js';
import { credentials, region } from './aws.js';

describe('the options of AWS’s sources', () => {
  it.each([
    ['a client and a region', () => awsSecretsManager({ client: { send: async () => ({}) }, region } as never)],
    ['a role that is not an ARN', () => awsSecretsManager({ assumeRole: { roleArn: 'reader' } })],
    ['a document without a name', () => awsSecretsManager({ document: '' })],
    ['optional without a document', () => awsSecretsManager({ optional: true })],
    ['optional without a document', () => awsParameterStore({ path: '/p/', optional: true })],
    ['optional that is not a boolean', () => awsSecretsManager({ document: 'd', optional: 'yes' as never })],
    ['a path without its slash', () => awsParameterStore({ path: 'prod/app' })],
    ['an endpoint that is not a URL', () => awsParameterStore({ endpoint: 'localhost:4566' })],
  ])('given %s, when a source is made, then it is refused at once', (_, make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
  });

  it('given credentials, when a source is printed, then they don’t show', () => {
    for (const source of [awsSecretsManager({ region, credentials }), awsParameterStore({ region, credentials })]) {
      expect(printed(source)).not.toContain(credentials.secretAccessKey);
      expect(String(source)).toBe(`[secrets ${source.kind}]`);
    }
  });
});
