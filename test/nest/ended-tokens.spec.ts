import { setTimeout } from 'node:timers/promises';
import { Injectable, Module, Scope, type INestApplicationContext } from '@nestjs/common';
import { ModuleRef, NestFactory } from '@nestjs/core';
import {
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  Lease,
  memorySource,
  SecretVersion,
  type SecretSource,
} from 'nestjs-hcp-vault';

// Made above the app, as main.ts does.
const token = getSecretToken('ENDING');

@Injectable()
class Consumer {
  constructor(
    @InjectSecret('ENDING') readonly key: string,
    readonly moduleRef: ModuleRef,
  ) {}
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  constructor(@InjectSecret('ENDING') readonly key: string) {}
}

class Created {
  constructor(@InjectSecret('ENDING') readonly key: string) {}
}

/** Credentials for a moment, another one with each reading. */
function leased(): SecretSource & { isGone: boolean } {
  let readings = 0;
  return {
    ...memorySource({}),
    kind: 'leased',
    isGone: false,
    read(names) {
      if (this.isGone) return Promise.reject(new Error('down'));
      const lease = Lease.of({ id: 'a', duration: 300, renewable: false });
      const version = SecretVersion.of(`value ${(readings += 1)}`, { lease });
      return Promise.resolve(new Map(names.map((name) => [name, version])));
    },
  };
}

async function ended(): Promise<{ app: INestApplicationContext; source: ReturnType<typeof leased> }> {
  const source = leased();
  @Module({
    imports: [HcpVaultModule.forRoot({ source, retry: { base: 20, max: 50 } })],
    providers: [Consumer, PerRequest],
  })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: false });
  expect(app.get(token)).toBe('value 1');
  source.isGone = true;
  await setTimeout(450);
  return { app, source };
}

describe('the token of a secret that has ended', () => {
  it('given a consumer, when the app is asked for it, then it throws, and gives no undefined', async () => {
    const { app } = await ended();
    expect(() => app.get<string>(token)).toThrow('client.get');
    await expect(app.resolve(PerRequest)).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await expect(app.get(ModuleRef).create(Created)).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    await app.close();
  });

  it('given that a token was made by hand meanwhile, when there is a value again, then all get it, and those that come after it', async () => {
    const { app, source } = await ended();
    expect(getSecretToken('ENDING')).toBe(token);
    const client = app.get(HcpVaultClient);
    await expect(app.resolve(PerRequest)).rejects.toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE' });
    source.isGone = false;
    for (let round = 0; round < 3; round += 1) {
      const value = await client.fetch<string>('ENDING', { forceRefresh: true });
      const perRequest = await app.resolve(PerRequest);
      const created = await app.get(Consumer).moduleRef.create(Created);
      expect([app.get(token), perRequest.key, created.key]).toEqual([value, value, value]);
    }
    await app.close();
  });
});
