// After a rotation nothing in the process holds the old value: searched for in a snapshot of the heap.
import { randomBytes } from 'node:crypto';
import { createReadStream, rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { writeHeapSnapshot } from 'node:v8';
import { Inject, Injectable, Module, Scope } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { ModuleRef, NestFactory } from '@nestjs/core';
import type { Rotating, SecretRef, SecretRotatedEvent, SecretSource } from 'nestjs-hcp-vault';
import {
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  OnSecretRotated,
  rotatingProvider,
  SecretVersion,
  WithSecrets,
} from 'nestjs-hcp-vault';

/** Takes the secret in every way, and keeps none itself. */
@Injectable()
class Consumer {
  @InjectSecret('KEY') readonly live!: string;
  @InjectSecret('KEY', { default: 'none' }) readonly orNone!: string;
  @InjectSecretField('DB', 'password') readonly password!: string;
  read = 0;

  constructor(
    @InjectSecret('KEY') key: string,
    @InjectSecretField('DB', 'password', { optional: true }) password: string,
    @InjectSecret('DB') db: { password: string },
    @InjectSecretRef('KEY') readonly ref: SecretRef<string>,
    @InjectSecretRef('DB', { field: 'password' }) readonly field: SecretRef<string>,
    @Inject('MADE') made: number,
    readonly config: ConfigService,
  ) {
    this.read = key.length + password.length + db.password.length + made;
  }

  @WithSecrets() call(@InjectSecret('KEY') key?: string): void {
    this.read += key!.length;
  }

  @OnSecretRotated('KEY') rotated({ current, previous }: SecretRotatedEvent<string>): void {
    this.read += current.length + previous!.length;
  }

  use(): void {
    this.call();
    const { length } = this.config.getOrThrow<string>('secrets.DB.password');
    this.read += length + [this.live, this.orNone, this.password, this.ref.value, this.field.value].join().length;
  }
}

@Injectable()
class Created {
  readonly length: number;
  constructor(@InjectSecret('KEY') key: string) {
    this.length = key.length;
  }
}

@Injectable({ scope: Scope.REQUEST })
class PerRequest {
  readonly length: number;
  constructor(@InjectSecret('KEY') key: string) {
    this.length = key.length;
  }
}

const made = { provide: 'MADE', inject: [getSecretToken('KEY')], useFactory: (key: string) => key.length };
const pool = rotatingProvider({
  provide: 'POOL',
  secret: 'KEY',
  create: (key) => ({ length: (key as string).length }),
  dispose: () => undefined,
  drain: 1,
});

/** Not text: what is to be searched for must not stand in the heap by itself. */
const unknown = (): Buffer => randomBytes(16);
/** As a new string, in a function of its own. */
const valuesOf = (bytes: Buffer) => ({
  KEY: `key-${bytes.toString('hex')}`,
  DB: { user: 'u', password: `db-${bytes.toString('hex')}` },
});

/** A backend that keeps no old values itself, as memorySource does for its versions. */
class CurrentAlone implements SecretSource {
  readonly kind = 'current';
  constructor(public bytes: Buffer) {}

  read(names: readonly string[]): Promise<Map<string, SecretVersion>> {
    return this.readAll().then((all) => new Map([...all].filter(([name]) => names.includes(name))));
  }

  readAll(): Promise<Map<string, SecretVersion>> {
    const all = Object.entries(valuesOf(this.bytes)).map(([name, value]) => [name, SecretVersion.of(value)] as const);
    return Promise.resolve(new Map(all));
  }
}

async function foundIn(file: string, texts: readonly Buffer[]): Promise<boolean[]> {
  const found = texts.map(() => false);
  let rest = '';
  for await (const chunk of createReadStream(file, 'latin1')) {
    const text = rest + (chunk as string);
    texts.forEach((bytes, index) => (found[index] ||= text.includes(bytes.toString('hex'))));
    rest = text.slice(-40);
  }
  return found;
}

export async function searchForOldValues(): Promise<{ old: boolean[]; current: boolean; read: number }> {
  const rounds = [unknown(), unknown(), unknown()] as const;
  const source = new CurrentAlone(rounds[0]);
  @Module({
    imports: [
      ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
      HcpVaultModule.forRoot({ source, config: { namespace: 'secrets' } }),
    ],
    providers: [Consumer, PerRequest, made, pool],
  })
  class AppModule {}
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] });
  const client = app.get(HcpVaultClient);
  const consumer = app.get(Consumer);
  client.rotations$.subscribe(({ name }) => (consumer.read += name.length));
  consumer.ref.changes$.subscribe((key) => (consumer.read += key.length));
  const work = async (): Promise<void> => {
    consumer.use();
    consumer.read += (await app.resolve(PerRequest)).length + (await app.get(ModuleRef).create(Created)).length;
    await app.get<Rotating<{ length: number }>>('POOL').use(({ length }) => Promise.resolve((consumer.read += length)));
    await client.withSecret<string, void>('KEY', ({ length }) => Promise.resolve(void (consumer.read += length)));
    consumer.read += (await client.fetch<string>('KEY')).length + Object.keys(await client.fetchSecrets()).length;
  };
  await work();
  for (const bytes of rounds.slice(1)) {
    source.bytes = bytes;
    await client.refresh();
    await work();
  }
  await setTimeout(50);
  const file = writeHeapSnapshot('old-values.heapsnapshot');
  const [first, second, third] = await foundIn(file, rounds);
  rmSync(file);
  const { read } = consumer;
  await app.close();
  return { old: [first!, second!], current: third!, read };
}
