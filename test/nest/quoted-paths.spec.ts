import { Injectable } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { Test, type TestingModule } from '@nestjs/testing';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  configSecret,
  getSecretRefToken,
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  memorySource,
  type SecretRef,
  WithSecrets,
} from 'nestjs-hcp-vault';
import { called } from '../cli/called.js';

/** As Kubernetes names what cert-manager writes. */
const value = (crt: string) => ({ 'tls.crt': crt, data: { 'tls.key': 'k', "it's": 'q' } });
const CRT = "['tls.crt']";

@Injectable()
class Server {
  @InjectSecretField('TLS', CRT) readonly property!: string;
  @InjectSecretField('TLS', 'data["tls.key"]') readonly deep!: string;
  @InjectSecretRef('TLS', { field: CRT }) readonly ref!: SecretRef<string>;

  constructor(@InjectSecretField('TLS', CRT) readonly parameter: string) {}

  @WithSecrets()
  method(@InjectSecretField('TLS', CRT) crt?: string): string | undefined {
    return crt;
  }
}

@Injectable()
class Whole {
  @InjectSecret('TLS') readonly tls!: ReturnType<typeof value>;
}

describe('a field whose key has dots', () => {
  let module: TestingModule;
  const source = memorySource({ TLS: value('c1') });

  beforeAll(async () => {
    module = await Test.createTestingModule({
      imports: [
        ConfigModule.forRoot({ ignoreEnvFile: true }),
        HcpVaultModule.forRoot({ source, config: { namespace: 'secrets' } }),
      ],
      providers: [
        Server,
        Whole,
        { provide: 'TOKEN', inject: [getSecretToken('TLS', { field: CRT })], useFactory: (crt: string) => crt },
        { provide: 'REF', inject: [getSecretRefToken('TLS', { field: CRT })], useFactory: (crt: SecretRef) => crt },
      ],
    }).compile();
    await module.init();
  });
  afterAll(() => module?.close());

  const client = (): HcpVaultClient => module.get(HcpVaultClient);
  const ways: [string, () => unknown][] = [
    ['a property', () => module.get(Server).property],
    ['a constructor parameter', () => module.get(Server).parameter],
    ['a method parameter', () => module.get(Server).method()],
    ['a ref', () => module.get(Server).ref.value],
    ['a token', () => module.get<string>('TOKEN')],
    ['a token of a ref', () => module.get<SecretRef>('REF').value],
    ['client.get', () => client().get('TLS', { field: CRT })],
    ['client.fetch', () => client().fetch('TLS', { field: CRT })],
    ['client.ref', () => client().ref('TLS', { field: CRT }).value],
    ['client.withSecret', () => client().withSecret('TLS', async (crt) => crt, { field: CRT })],
    ['configSecret', () => configSecret(module.get(ConfigService), 'secrets', 'TLS', CRT)],
    ['the whole value', () => module.get(Whole).tls['tls.crt']],
  ];

  it.each(ways)('given %s, when it is read by brackets and quotes, then it has it', async (_, read) => {
    expect(await read()).toBe('c1');
  });

  it('given a rotation, when they are read again, then all but the constructor and the token have the new one', async () => {
    source.rotate('TLS', value('c2'));
    await client().refresh('TLS');
    const now = Object.fromEntries(await Promise.all(ways.map(async ([way, read]) => [way, await read()] as const)));
    expect(Object.entries(now).flatMap(([way, crt]) => (crt === 'c1' ? [way] : []))).toEqual([
      'a constructor parameter',
      'a token',
    ]);
    expect(module.get(Server).deep).toBe('k');
    expect(client().get('TLS', { field: `data["it's"]` })).toBe('q');
  });

  it('given the path without quotes, when it is read, then the error says what there is, and no value', () => {
    expect(() => client().get('TLS', { field: 'tls.crt' })).toThrow(/has no "tls"/);
  });

  it('given the command line, when it is asked for, then get prints it, and exec hands it over', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'quoted-'));
    try {
      await writeFile(join(folder, 's.json'), JSON.stringify({ TLS: value('c1') }));
      const file = `file:${join(folder, 's.json')}`;
      expect((await called(['get', 'TLS', '-s', file, '--reveal', '--field', CRT])).out.trim()).toBe('c1');
      const { code } = await called([
        'exec', '-s', file, '--env', `CRT=TLS#${CRT}`, '--', process.execPath, '-e', 'process.exit(process.env.CRT === "c1" ? 0 : 9)',
      ]); // prettier-ignore
      expect(code).toBe(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
