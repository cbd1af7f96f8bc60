import { Injectable } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import {
  getSecretToken,
  HcpVaultModule,
  InjectSecret,
  InjectSecretRef,
  rotatingProvider,
  SecretAccessDeniedError,
  type SecretSource,
} from 'nestjs-hcp-vault';
import { recordingSource } from '../support/recording-source.js';

/** Decorated, and in the module of no app. */
@Injectable()
export class OnlyImported {
  @InjectSecret('IMPORTED', { default: 'property' }) readonly property!: string;
  @InjectSecretRef('IMPORTED_REF', { optional: true }) readonly ref!: unknown;
  constructor(@InjectSecret('IMPORTED', { default: 'parameter' }) readonly parameter: string) {}
}

@Injectable()
class Service {
  @InjectSecret('OWN', { default: 'nothing' }) readonly own!: string;
}

@Injectable()
class OtherService {
  @InjectSecret('OTHER', { default: 'nothing' }) readonly other!: string;
}

const appWith = async (source: SecretSource, providers: unknown[]) => {
  const imports = [HcpVaultModule.forRoot({ source })];
  return (await Test.createTestingModule({ imports, providers: providers as [] }).compile()).init();
};

describe('a class that is only imported', () => {
  it('given one with defaults, when an app starts, then its secrets are not asked for', async () => {
    const { source, reads } = recordingSource({ OWN: 'own', IMPORTED: 'imported', IMPORTED_REF: 'ref' });
    const app = await appWith(source, [Service]);
    expect(app.get(Service).own).toBe('own');
    expect(reads).toEqual([['OWN']]);
    await app.close();
  });

  it('given one whose secret is denied, when an app starts, then it does', async () => {
    const { memory } = recordingSource({ OWN: 'own' });
    const source: SecretSource = {
      kind: 'denying',
      read: async (names, context) => {
        const found = await memory.read(names, context);
        return new Map(names.map((name) => [name, found.get(name) ?? new SecretAccessDeniedError()]));
      },
    };
    const app = await appWith(source, [Service]);
    expect(app.get(Service).own).toBe('own');
    await app.close();
  });

  it('given two apps in a process, when both start, then neither asks for the secrets of the other', async () => {
    const [first, second] = [recordingSource({ OWN: '1', OTHER: '2' }), recordingSource({ OWN: '1', OTHER: '2' })];
    const apps = await Promise.all([appWith(first.source, [Service]), appWith(second.source, [OtherService])]);
    expect(apps[1].get(OtherService).other).toBe('2');
    expect([first.reads, second.reads]).toEqual([[['OWN']], [['OTHER']]]);
    await Promise.all(apps.map((app) => app.close()));
  });

  it('given factories of the app, rotating ones too, when it starts, then what they inject is asked for', async () => {
    const { source, reads } = recordingSource({ POOLED: 'p', LISTED: 'l', ALIASED: 'a' });
    const app = await appWith(source, [
      rotatingProvider({
        provide: 'POOL',
        secret: 'POOLED',
        create: (secret) => ({ secret }),
        dispose: () => undefined,
      }),
      { provide: 'LIST', inject: [getSecretToken('LISTED')], useFactory: (value: string) => value },
      { provide: 'ALIAS', useExisting: getSecretToken('ALIASED') },
    ]);
    expect(reads.map((names) => [...names].sort())).toEqual([['ALIASED', 'LISTED', 'POOLED']]);
    await app.close();
  });
});
