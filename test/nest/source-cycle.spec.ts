import { Injectable, Scope } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  getSecretSourceToken,
  getSecretToken,
  HcpVaultModule,
  InjectSecret,
  memorySource,
  SecretConfigurationError,
} from '../../lib/index.js';

@Injectable()
class ByProperty {
  @InjectSecret('KEY') readonly key!: string;
}

@Injectable({ scope: Scope.REQUEST })
class Tenant {}

const start = (source: object): Promise<unknown> => {
  const providers = [ByProperty, Tenant];
  return Test.createTestingModule({
    imports: [
      HcpVaultModule.forRoot({ source: memorySource({ KEY: 'value' }) }),
      { module: class Others {}, providers, exports: providers, global: true },
    ],
  })
    .overrideProvider(getSecretSourceToken())
    .useFactory(source as never)
    .compile()
    .then(
      (app) => app.close(),
      (error: unknown) => error,
    );
};

describe('a source that a test puts in the place of the options’', () => {
  it.each<[string, unknown, string]>([
    ['the token of a secret', getSecretToken('KEY'), 'its source → the secret "KEY" → its source'],
    ['a class with a secret', ByProperty, 'its source → ByProperty → the secret "KEY" (ByProperty.key) → its source'],
  ])('given %s that it needs, when the app starts, then one error names the way', async (_, token, way) => {
    const failed = await start({ factory: () => memorySource(), inject: [token] });

    expect(failed).toBeInstanceOf(SecretConfigurationError);
    expect((failed as Error).message).toContain(`Connection "default": its source waits for itself: ${way}`);
  });

  it('given one that fails, when the app starts, then it fails with that error', async () => {
    const failed = await start({ factory: () => Promise.reject(new Error('no such backend')), inject: [] });

    expect(failed).toEqual(new Error('no such backend'));
  });

  it('given what it needs is made for each request, when the app starts, then it is refused', async () => {
    const failed = await start({ factory: () => memorySource({ KEY: 'value' }), inject: [Tenant] });

    expect((failed as Error).message).toContain(
      'its source depends on what is made for each request: its source → Tenant',
    );
  });
});
