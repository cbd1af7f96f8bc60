import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { HcpVaultClient, HcpVaultModule, InjectSecret, SecretBootstrapError } from 'nestjs-hcp-vault';
import './a-source/consul.contract.js';
import { ConsulServer } from './a-source/consul.server.js';
import { ConsulSource } from './a-source/consul.source.js';

@Injectable()
class Payments {
  @InjectSecret('STRIPE_KEY') readonly key!: string;
}

describe('the source of docs/contributing-a-source.md in an app', () => {
  let server: ConsulServer;
  let address: string;
  beforeEach(async () => {
    server = new ConsulServer();
    address = await server.start();
  });
  afterEach(() => server.stop());

  const appOf = () =>
    Test.createTestingModule({
      imports: [
        HcpVaultModule.forRoot({ source: new ConsulSource({ address, token: server.token, prefix: 'prod/' }) }),
      ],
      providers: [Payments],
    })
      .setLogger({ log: () => undefined, warn: () => undefined, error: () => undefined })
      .compile();

  it('given a secret, when it changes at the store, then a property shows it after a refresh', async () => {
    server.put('prod/STRIPE_KEY', 'canary-before');
    const app = await appOf();
    await app.init();
    expect(app.get(Payments).key).toBe('canary-before');
    server.put('prod/STRIPE_KEY', 'canary-after');
    await app.get(HcpVaultClient).refresh('STRIPE_KEY');
    expect(app.get(Payments).key).toBe('canary-after');
    await app.close();
  });

  it('given no such key, when the app starts, then the error names key and address', async () => {
    const error: unknown = await appOf().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SecretBootstrapError);
    expect((error as Error).message).toContain(`prod/STRIPE_KEY`);
    expect((error as Error).message).toContain(address);
  });
});
