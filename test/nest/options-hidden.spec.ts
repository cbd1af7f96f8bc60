import { inspect } from 'node:util';
import { Test } from '@nestjs/testing';
import { HcpVaultModule, memorySource } from 'nestjs-hcp-vault';

const KEY = 'canary-fingerprint-key-that-all-replicas-share';

describe('options in the container of Nest', () => {
  it.each([
    ['forRoot', HcpVaultModule.forRoot({ source: memorySource({ A: 'canary-value' }), fingerprintKey: KEY })],
    [
      'forRootAsync',
      HcpVaultModule.forRootAsync({
        useFactory: () => ({ source: memorySource({ A: 'canary-value' }), fingerprintKey: KEY }),
      }),
    ],
  ])('given a key in the options of %s, when what holds them is printed, then it is not there', async (_, imported) => {
    const module = await Test.createTestingModule({ imports: [imported] }).compile();
    await module.init();
    const held: unknown = module.get('HcpVaultOptions:default', { strict: false });
    expect(held).toBeDefined();
    const shown = [held, { ...(held as object) }].flatMap((item) => [
      inspect(item, { depth: 8, showHidden: true, customInspect: false }),
      inspect(item, { depth: 8, showHidden: true }),
      JSON.stringify(item),
    ]);
    await module.close();
    expect(shown.join()).not.toContain('canary');
  });
});
