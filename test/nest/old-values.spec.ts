import { setTimeout } from 'node:timers/promises';
import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Inject, Injectable, Module, Scope, type INestApplicationContext } from '@nestjs/common';
import { ContextIdFactory, LazyModuleLoader, ModuleRef, ModulesContainer, NestFactory } from '@nestjs/core';
import {
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  Lease,
  memorySource,
  OnSecretRotated,
  SecretVersion,
  WithSecrets,
  type SecretRef,
  type SecretRotatedEvent,
  type SecretSource,
} from 'nestjs-hcp-vault';
import { CapturedLogger } from '../support/captured-logger.js';

/** Asks for a secret in every way, and keeps none itself. */
@Injectable()
class Consumer {
  @InjectSecret('KEY') readonly live!: string;
  @InjectSecretField('DB', 'password') readonly password!: string;
  @InjectSecret('KEY', { default: 'none' }) readonly orNone!: string;
  readonly lengths: number[];
  constructor(
    @InjectSecret('KEY') key: string,
    @InjectSecret('KEY', { optional: true }) optional: string,
    @InjectSecretField('DB', 'password') password: string,
    @InjectSecret('DB') db: { password: string },
    @InjectSecretRef('KEY') readonly ref: SecretRef<string>,
    @Inject('MADE') made: number,
  ) {
    this.lengths = [key, optional, password, db.password].map(({ length }) => length).concat(made);
  }
  @WithSecrets() call(@InjectSecret('KEY') key?: string): number {
    return key!.length;
  }
  @OnSecretRotated('KEY') rotated(event: SecretRotatedEvent<string>): void {
    this.lengths.push(event.current.length);
  }
}

@Injectable({ scope: Scope.TRANSIENT })
class Transient {
  readonly length: number;
  constructor(@InjectSecret('KEY') key: string) {
    this.length = key.length;
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  readonly length: number;
  constructor(
    @InjectSecret('KEY') key: string,
    readonly other: Transient,
  ) {
    this.length = key.length;
  }
}

@Injectable()
class Late {
  readonly key: () => string;
  constructor(@InjectSecret('KEY') key: string, @InjectSecret('LATE') late: string) {
    const now = `${key.length}${late.length}`;
    this.key = () => now;
  }
}

const canary = (name: string, round: number) => `canary-${name}-${round}`;
const values = (round: number) => ({
  KEY: canary('key', round),
  DB: { user: 'u', password: canary('db', round) },
  LATE: canary('late', round),
});

const apps: INestApplicationContext[] = [];
afterEach(async () => void (await Promise.all(apps.splice(0).map((app) => app.close()))));

async function started() {
  const source = memorySource(values(1));
  const made = { provide: 'MADE', inject: [getSecretToken('KEY')], useFactory: (key: string) => key.length };
  @Module({ imports: [HcpVaultModule.forRoot({ source })], providers: [Consumer, Transient, PerRequest, made] })
  class App {}
  const app = await NestFactory.createApplicationContext(App, { logger: new CapturedLogger() });
  apps.push(app);
  const client = app.get(HcpVaultClient);
  const rotate = async (round: number): Promise<void> => {
    for (const [name, value] of Object.entries(values(round))) source.rotate(name, value);
    await client.refresh();
  };
  return { app, client, source, rotate };
}

/** Credentials for a moment, and then none. */
function leased(): SecretSource & { isGone: boolean } {
  return {
    kind: 'leased',
    isGone: false,
    read(names) {
      if (this.isGone) return Promise.reject(new Error('down'));
      const lease = Lease.of({ id: 'a', duration: 300, renewable: false });
      const version = SecretVersion.of({ password: canary('leased', 1) }, { lease });
      return Promise.resolve(new Map(names.map((name) => [name, version])));
    },
  };
}

/** All that a dump of Nest's container shows, in the wrappers' hidden maps too. */
const dump = (app: INestApplicationContext): string =>
  inspect(app.get(ModulesContainer), { showHidden: true, depth: 9, maxArrayLength: null, maxStringLength: null });

const found = (text: string): string[] => [...new Set(text.match(/canary-\w+-\d/g))].sort();

/** What a request got goes with the request. */
async function aRequest(app: INestApplicationContext): Promise<void> {
  const { length, other } = await app.resolve(PerRequest, ContextIdFactory.create());
  expect([length, other.length]).toEqual([canary('key', 1).length, canary('key', 1).length]);
}

async function collected(): Promise<void> {
  setFlagsFromString('--expose-gc');
  for (let turn = 0; turn < 3; turn += 1) {
    await setTimeout(1);
    (runInNewContext('gc') as () => void)();
  }
}

describe('Nest’s container', () => {
  it('given consumers of every kind, when secrets are rotated, then it keeps no old value, and consumers made later get the new one', async () => {
    const { app, rotate } = await started();
    const before = found(dump(app));
    await aRequest(app);
    await app.get(ModuleRef).create(Late);
    await rotate(2);
    await collected();
    expect(found(dump(app)).filter((value) => value.endsWith('-1'))).toEqual([]);
    expect(before.length).toBeGreaterThan(0); // the search finds what there is
    @Module({ providers: [Late] })
    class LateModule {}
    const late = await app.get(LazyModuleLoader).load(() => LateModule);
    expect(late.get(Late).key()).toBe(`${canary('key', 2).length}${canary('late', 2).length}`);
    await rotate(3);
    expect(found(dump(app)).filter((value) => !value.endsWith('-3'))).toEqual([]);
    const { lengths } = app.get(Consumer);
    expect(lengths).toHaveLength(7); // and the handler was told
  });

  it('given a value that ends, when the container is searched, then it is not there any more', async () => {
    const source = leased();
    @Injectable()
    class Reader {
      readonly lengths: number[];
      constructor(
        @InjectSecret('LEASED') leased: { password: string },
        @InjectSecretField('LEASED', 'password') password: string,
      ) {
        this.lengths = [leased.password.length, password.length];
      }
    }
    @Module({ imports: [HcpVaultModule.forRoot({ source })], providers: [Reader] })
    class App {}
    const app = await NestFactory.createApplicationContext(App, { logger: new CapturedLogger() });
    apps.push(app);
    expect(found(dump(app))).toEqual(['canary-leased-1']);
    source.isGone = true;
    await setTimeout(400);
    expect(() => app.get(HcpVaultClient).get('LEASED')).toThrow();
    expect(found(dump(app))).toEqual([]);
  });
});
