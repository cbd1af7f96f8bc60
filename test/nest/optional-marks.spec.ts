import { Injectable, Optional, Scope } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  type SecretRef,
} from 'nestjs-hcp-vault';

class Marked {
  @Optional() @InjectSecret('GONE') readonly before!: string | undefined;
  @InjectSecret('GONE') @Optional() readonly after!: string | undefined;
  @Optional() @InjectSecretField('GONE', 'a') readonly field!: string | undefined;
  @Optional() @InjectSecretRef('GONE') readonly ref!: SecretRef<string> | undefined;
  @Optional() @InjectSecret('KEY') readonly there!: string | undefined;
  @Optional() @InjectSecret('GONE') readonly initial: string | undefined = 'first';

  constructor(
    @Optional() @InjectSecret('GONE') readonly parameter: string | undefined,
    @InjectSecret('GONE') @Optional() readonly reversed: string | undefined,
    @Optional() @InjectSecret('KEY') readonly parameterThere: string | undefined,
  ) {}
}

@Injectable()
class Singleton extends Marked {
  constructor(
    @Optional() @InjectSecret('GONE') parameter: string | undefined,
    @InjectSecret('GONE') @Optional() reversed: string | undefined,
    @Optional() @InjectSecret('KEY') parameterThere: string | undefined,
  ) {
    super(parameter, reversed, parameterThere);
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest extends Singleton {}

@Injectable()
class OnDemand extends Marked {}

const seen = (marked: Marked) => [
  marked.before,
  marked.after,
  marked.field,
  marked.ref?.value,
  marked.there,
  marked.initial,
  marked.parameter,
  marked.reversed,
  marked.parameterThere,
];
const NOTHING = [undefined, undefined, undefined, undefined, 'k-1', 'first', undefined, undefined, 'k-1'];

async function appWith(providers: unknown[]) {
  const source = memorySource({ KEY: 'k-1' });
  const module = await Test.createTestingModule({
    imports: [HcpVaultModule.forRoot({ source })],
    providers: providers as [],
  }).compile();
  await module.init();
  return { module, source, client: module.get(HcpVaultClient) };
}

describe('Nest’s @Optional() at a secret', () => {
  it('given secrets that are not there, when the app starts, then each place has undefined, and shows one that appears', async () => {
    const { module, source, client } = await appWith([Singleton]);
    const marked = module.get(Singleton);
    expect(seen(marked)).toEqual(NOTHING);
    source.rotate('GONE', 'g-1');
    source.rotate('KEY', 'k-2');
    await client.refresh();
    expect([marked.before, marked.after, marked.initial, marked.there]).toEqual(['g-1', 'g-1', 'g-1', 'k-2']);
    await module.close();
  });

  it('given request scope, and a class that moduleRef makes, when they are made, then it is the same', async () => {
    const { module } = await appWith([PerRequest]);
    expect(seen(await module.resolve(PerRequest))).toEqual(NOTHING);
    expect(seen(await module.get(ModuleRef).create(OnDemand))).toEqual(NOTHING);
    await module.close();
  });
});
