import { Injectable, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  getSecretToken,
  HcpVaultClient,
  HcpVaultModule,
  InjectSecret,
  InjectSecretRef,
  memorySource,
  OnSecretRotated,
  rotatingProvider,
  WithSecrets,
  type Rotating,
  type SecretRef,
} from 'nestjs-hcp-vault';

@Injectable()
class Consumer {
  @InjectSecret('KEY') readonly live!: string;
  @InjectSecretRef('KEY') readonly ref!: SecretRef<string>;
  heard = 0;
  constructor(@InjectSecret('KEY') readonly snapshot: string) {}
  @WithSecrets() call(@InjectSecret('KEY') key?: string): unknown {
    return key;
  }
  @OnSecretRotated('KEY') rotated(): void {
    this.heard += 1;
  }
}
const pool = rotatingProvider({
  provide: 'POOL',
  secret: 'KEY',
  create: (key: unknown) => ({ key }),
  dispose: () => undefined,
});

type Decorator = (instance: unknown) => unknown;

/** Of the app's own classes: nothing but a Proxy around them. */
const plainProxy: Decorator = (instance) => (instance instanceof Consumer ? new Proxy(instance, {}) : instance);

/** Of all that is an object: methods are called on what is wrapped, as private fields ask for it. */
const tracing: Decorator = (instance) =>
  typeof instance !== 'object' || instance === null
    ? instance
    : new Proxy(instance, {
        get(target, key) {
          const value: unknown = Reflect.get(target, key, target);
          const isMethod = typeof value === 'function' && key !== 'constructor' && !isFixed(target, key);
          return isMethod
            ? (...given: unknown[]) => (value as (...all: unknown[]) => unknown).apply(target, given)
            : value;
        },
      });

/** A Proxy may not show anything else in the place of these. */
function isFixed(target: object, key: PropertyKey): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(target, key);
  return descriptor !== undefined && !descriptor.configurable && !descriptor.writable;
}

describe('an app that wraps what Nest makes, as tracing does (`instrument.instanceDecorator`)', () => {
  it.each([
    ['a Proxy around its own classes', plainProxy],
    ['a tracing Proxy around everything', tracing],
  ])('given %s, when a secret rotates, then every place has it', async (_, instanceDecorator) => {
    const source = memorySource({ KEY: 'key-1' });
    @Module({ imports: [HcpVaultModule.forRoot({ source })], providers: [Consumer, pool] })
    class AppModule {}
    const app = await NestFactory.createApplicationContext(AppModule, {
      logger: false,
      abortOnError: false,
      instrument: { instanceDecorator },
    });
    const consumer = app.get(Consumer);
    source.rotate('KEY', 'key-2');
    await app.get(HcpVaultClient).refresh();
    const { live, ref, snapshot, heard } = consumer;
    expect([live, ref.value, snapshot, consumer.call(), heard]).toEqual(['key-2', 'key-2', 'key-1', 'key-2', 1]);
    expect(app.get(getSecretToken('KEY'))).toBe('key-2');
    const rotating = app.get<Rotating<{ key: string }>>('POOL');
    expect(await rotating.use((resource) => Promise.resolve(resource.key))).toBe('key-2');
    await app.close();
  });
});
