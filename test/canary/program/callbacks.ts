// Every place where code of the user's own runs, and throws what it knows: the value, the one before, in other spellings, or a part of it.
import { setTimeout } from 'node:timers/promises';
import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { HcpVaultModuleOptions, SecretRef, SecretRotatedEvent, SecretSource } from 'nestjs-hcp-vault';
import {
  HcpVaultClient,
  HcpVaultModule,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  rotatingProvider,
} from 'nestjs-hcp-vault';
import { token, vault } from 'nestjs-hcp-vault/vault';
import type { Observable } from 'rxjs';
import { map } from 'rxjs';
import { z } from 'zod';
import { canaries } from './canaries.js';
import { failing, show } from './witness.js';

let thrown = 0;

/** By turns: what drivers say, what V8 quotes of broken JSON, and an error whose other members tell it. */
function spill(...values: unknown[]): never {
  const texts = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  thrown += 1;
  if (thrown % 3 === 1) JSON.parse(texts[0] ?? '');
  const encoded = texts.map((text) => Buffer.from(text).toString('base64'));
  const error = new Error(`cannot connect with ${texts.join(' after ')}\n    at ${texts[0]} (${encoded.join(' ')})`);
  if (thrown % 3 === 2) throw error;
  throw Object.assign(error, { code: `no ${texts[0]}`, config: { password: texts }, cause: new Error(texts.join()) });
}

@Injectable()
class Careless {
  constructor(@InjectSecretRef('KEY') readonly ref: SecretRef<string>) {}

  @OnSecretRotated('KEY') atOnce({ current, previous }: SecretRotatedEvent<string>): void {
    spill(current, previous);
  }
  @OnSecretRotated('KEY') async later({ current, previous }: SecretRotatedEvent<string>): Promise<void> {
    await setTimeout(1);
    spill(previous, current);
  }
}

const values = (value: string) => ({ KEY: value, POOL: value, LAST: value, HOOKED: value, SHAPED: value });

/** A resource whose `create`, `validate` or `dispose` fails at the second one. */
function careless(provide: string, secret: string, part: 'create' | 'validate' | 'dispose' | 'rejects') {
  let made = 0;
  return rotatingProvider({
    provide,
    secret,
    create: (value) => ((made += 1), part === 'create' && made > 1 ? spill(value) : { value: String(value), made }),
    validate: ({ value, made: which }) => part === 'validate' && which > 1 && spill(value),
    dispose: ({ value }) => part === 'dispose' && spill(value),
    ...(part === 'rejects' && { rejects: () => spill(canaries.first) }),
    drain: 10,
  });
}

const options: Partial<HcpVaultModuleOptions> = {
  retry: { base: 10, max: 20 },
  cache: {
    hook: {
      put: (name, value) => (name === 'HOOKED' && value !== canaries.first ? spill(value) : value),
      get: (_, value) => value,
    },
  },
  schema: { SHAPED: z.string().transform((value) => (value === canaries.first ? value : spill(value))) },
};

/** A source that tells all it knows wherever it can. */
function telling(source: ReturnType<typeof memorySource>): SecretSource & { lose(): void } {
  let lose: () => void = () => undefined;
  return {
    kind: 'telling',
    read: (names, context) => source.read(names, context),
    watch: (listener) => {
      lose = () => listener.lost(new Error(`lost ${canaries.second}`));
      return () => spill(canaries.second);
    },
    observe: () => spill(canaries.second),
    startUp: () => spill(canaries.second),
    close: () => Promise.reject(new Error(`cannot close with ${canaries.second}`)),
    lose: () => lose(),
  };
}

export async function throwEverywhere(): Promise<number> {
  const memory = memorySource(values(canaries.first));
  const source = telling(memory);
  @Module({
    imports: [HcpVaultModule.forRoot({ source, required: ['HOOKED', 'SHAPED'], ...options })],
    providers: [
      Careless,
      careless('CREATED', 'POOL', 'create'),
      careless('VALIDATED', 'POOL', 'validate'),
      careless('DISPOSED', 'LAST', 'dispose'),
      careless('REJECTING', 'LAST', 'rejects'),
    ],
  })
  class CarelessModule {}
  const app = await NestFactory.createApplicationContext(CarelessModule, { abortOnError: false });
  const client = app.get(HcpVaultClient);
  const { ref } = app.get(Careless);
  const streams: Observable<unknown>[] = [ref.changes$, client.rotations$, client.events$];
  for (const stream of streams) {
    stream.subscribe((value) => spill(value, canaries.second));
    stream.subscribe({ next: (value) => setTimeout(1).then(() => spill(value)) as never });
    stream.pipe(map((value) => spill(value, canaries.second))).subscribe();
  }
  for (const [name, value] of Object.entries(values(canaries.second))) memory.rotate(name, value);
  show('a report of callbacks that throw', await client.refresh());
  source.lose();
  await setTimeout(100);
  show('the status after callbacks that throw', client.status());
  await app.close();
  await failStarts();
  return thrown;
}

/** Nest logs what a start fails by. */
async function failStarts(): Promise<void> {
  const start =
    (more: Partial<HcpVaultModuleOptions>, providers: unknown[] = []) =>
    async () => {
      class FailingModule {}
      const imports = [
        HcpVaultModule.forRoot({ source: memorySource(values(canaries.first)), bootstrapTimeout: 50, ...more }),
      ];
      const root = { module: FailingModule, imports, providers: providers as [] };
      await NestFactory.createApplicationContext(root, { abortOnError: false });
    };
  const resource = (parts: object) =>
    rotatingProvider({ provide: 'R', secret: 'KEY', create: (value) => value, dispose: () => undefined, ...parts });
  const all = { required: ['KEY'] };
  await failing('a start whose resource is not made', start({}, [resource({ create: spill })]));
  await failing(
    'a start whose resource is not made later',
    start({}, [resource({ create: async (value: unknown) => (await setTimeout(1), spill(value)) })]),
  );
  await failing('a start whose resource is not valid', start({}, [resource({ validate: spill })]));
  await failing(
    'a start whose hook throws at put',
    start({ ...all, cache: { hook: { put: (_, value) => spill(value) } } }),
  );
  await failing(
    'a start whose hook throws at get',
    start({ ...all, cache: { hook: { get: async (_, value) => (await setTimeout(1), spill(value)) } } }),
  );
  await failing(
    'a start whose schema throws',
    start({ ...all, schema: { KEY: z.string().transform((value) => spill(value)) } }),
  );
  const address = 'http://127.0.0.1:9';
  for (const login of [
    () => Promise.reject(new Error(canaries.clientSecret)),
    () => spill(canaries.clientSecret),
    token(() => spill(canaries.clientSecret)),
  ]) {
    await failing(
      'a start with a login of its own that throws',
      start({ ...all, source: vault({ address, auth: login }) }),
    );
  }
}
