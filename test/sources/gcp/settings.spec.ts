import { googleSecretManager } from 'nestjs-hcp-vault/gcp';
import type { GoogleSecretManagerOptions } from 'nestjs-hcp-vault/gcp';
import type { SourceEvent } from '../../../lib/core/source/source-event.js';
import { cleanUp, failureOf, sourceAt } from './support/google.js';

afterEach(cleanUp);

const refusal = (options: object): Promise<Error> =>
  failureOf(Promise.resolve().then(() => googleSecretManager(options as GoogleSecretManagerOptions)));

describe('googleSecretManager: options', () => {
  test.each([
    [{ projectID: 'p' }, '"projectId"'],
    [{ credentials: { client_email: 'canary' } }, 'new GoogleAuth({ credentials'],
    [{ keyFile: 'x' }, 'GOOGLE_APPLICATION_CREDENTIALS'],
    [{ apiEndpoint: 'x' }, '`endpoint`'],
    [{ location: 'europe-west3.rep.googleapis.com' }, 'location is not a region'],
    [{ location: 'a/../b' }, 'location is not a region'],
    [{ prefix: 'prod/app/' }, 'no name begins with "prefix"'],
    [{ version: '../1' }, 'version is "latest", an alias of versions, or a number'],
    [{ version: '' }, 'version is "latest"'],
    [{ projectId: 'a/b' }, 'the project holds a slash'],
    [{ projectId: '' }, 'the project is empty'],
    [{ auth: {} }, '"auth" has no method getAccessToken()'],
    [{ endpoint: 'secretmanager.example' }, 'endpoint is not a URL'],
    [{ endpoint: 'http://secretmanager.example' }, 'plain http is refused but on loopback'],
  ])('given %j, when it is made, then it is refused with what to do', async (options, words) => {
    const error = await refusal(options);
    expect(error).toMatchObject({ code: 'SECRET_CONFIGURATION' });
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('canary');
  });

  test('given plain http beyond loopback, when it is permitted, then whoever observes it is told', () => {
    const told: SourceEvent[] = [];
    sourceAt('http://secretmanager.example', { allowInsecure: true }).observe((event) => told.push(event));
    expect(told).toMatchObject([{ type: 'insecure', source: 'google-secret-manager', reason: expect.stringContaining('http://secretmanager.example') as string }]); // prettier-ignore
  });

  test('given no options, when it is made, then nothing is asked yet, and its place is told as far as it is known', () => {
    const source = googleSecretManager({ projectId: 'shop' });
    expect(source).toMatchObject({ kind: 'google-secret-manager', isBounded: false });
    expect(source.describe('KEY')).toEqual([
      { source: 'google-secret-manager', name: 'KEY', at: 'project "shop", https://secretmanager.googleapis.com' },
    ]);
  });
});
