import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  memorySource,
  rotatingProvider,
  SecretConfigurationError,
  WithSecrets,
} from 'nestjs-hcp-vault';

type Inject = Parameters<typeof HcpVaultModule.forRootAsync>[0]['inject'];

const start = (inject: Inject, providers: unknown[], others: unknown[] = []): Promise<unknown> => {
  @Module({ providers: providers as [], exports: providers as [] })
  class Auditing {}
  @Module({
    imports: [
      HcpVaultModule.forRootAsync({
        imports: [Auditing],
        inject: inject ?? [],
        useFactory: () => ({ source: memorySource({ KEY: 'value', DB: '{}' }) }),
      }),
      Auditing,
      ...(others as []),
    ],
  })
  class AppModule {}
  return NestFactory.createApplicationContext(AppModule, { logger: false, abortOnError: false });
};

@Injectable()
class ByConstructor {
  constructor(@InjectSecret('KEY') readonly key: string) {}
}
@Injectable()
class ByProperty {
  @InjectSecret('KEY') readonly key!: string;
}
@Injectable()
class ByClient {
  constructor(readonly client: HcpVaultClient) {}
}
@Injectable()
class Audit {
  constructor(readonly next: ByConstructor) {}
}
@Injectable()
class ByMethod {
  @WithSecrets() call(@InjectSecret('KEY') key?: string): unknown {
    return key;
  }
}
const byFactory = { provide: 'BY_FACTORY', inject: [getSecretToken('KEY')], useFactory: (key: string) => key };
const rotating = rotatingProvider({ provide: 'POOL', secret: 'DB', create: () => ({}), dispose: () => undefined });

describe('options that wait for themselves', () => {
  it.each<[string, Inject, unknown[], string]>([
    ['the token of a secret', [getSecretToken('KEY')], [], 'its options → the secret "KEY" → its options'],
    ['the client', [HcpVaultClient], [], 'its options → HcpVaultClient'],
    ['a class with a secret in its constructor', [ByConstructor], [ByConstructor], 'ByConstructor → the secret "KEY"'],
    ['one with a secret in a property', [ByProperty], [ByProperty], 'ByProperty → the secret "KEY" (ByProperty.key)'],
    ['one with a secret for a method', [ByMethod], [ByMethod], 'ByMethod → the secret "KEY" (ByMethod.call)'],
    ['one with the client', [ByClient], [ByClient], 'its options → ByClient → HcpVaultClient'],
    ['one behind another', [Audit], [Audit, ByConstructor], 'its options → Audit → ByConstructor → the secret "KEY"'],
    ['a factory with the token', ['BY_FACTORY'], [byFactory], 'its options → BY_FACTORY → the secret "KEY"'],
    ['a rotating resource', ['POOL'], [rotating], 'its options → POOL'],
  ])(
    'given %s in the inject list of the factory, when the app starts, then one error names the way',
    async (_, inject, providers, way) => {
      const failed = await start(inject, providers).then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(failed).toBeInstanceOf(SecretConfigurationError);
      expect((failed as Error).message).toContain('Connection "default": its options wait for themselves: ');
      expect((failed as Error).message).toContain(way);
    },
  );

  it('given two connections whose options wait for each other, when the app starts, then the error names both', async () => {
    const reports = HcpVaultModule.forRootAsync({
      connection: 'reports',
      inject: [getSecretToken('KEY')],
      useFactory: () => ({ source: memorySource({ TOKEN: 'value' }) }),
    });
    const started = start([getSecretToken('TOKEN', { connection: 'reports' })], [], [reports]);
    await expect(started).rejects.toThrow('its options → the secret "TOKEN" → the secret "KEY" → its options');
  });

  it('given options that need a secret of another connection alone, when the app starts, then it is there', async () => {
    const reports = HcpVaultModule.forRoot({ connection: 'reports', source: memorySource({ TOKEN: 'value' }) });
    const app = await start([getSecretToken('TOKEN', { connection: 'reports' })], [ByProperty], [reports]);
    await (app as { close(): Promise<void> }).close();
  });

  it('given options that depend on a request, when the app starts, then it is refused by name', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class Tenant {}
    @Injectable()
    class Settings {
      constructor(@Inject(Tenant) readonly tenant: Tenant) {}
    }
    await expect(start([Settings], [Settings, Tenant])).rejects.toThrow(
      'its options depend on what is made for each request: its options → Settings → Tenant.',
    );
  });
});
