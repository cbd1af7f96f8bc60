import 'reflect-metadata';
import { Controller, Get, Inject, Injectable, Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import type { Rotating, SecretRef, SecretRotatedEvent, SecretSource, SecretsView } from 'nestjs-hcp-vault';
import {
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  OnSecretRotated,
  registerSecrets,
  rotatingProvider,
  WithSecrets,
} from 'nestjs-hcp-vault';
import { canaries } from './canaries.js';

export const secretsConfig = registerSecrets('loaded');

@Injectable()
export class Live {
  @InjectSecret('API_KEY') readonly key!: string;
  @InjectSecretField('DB', 'password') readonly password!: string;
  @InjectSecretField('AWS', 'values.access_key_id') readonly accessKeyId!: string;
  @InjectSecret('ABSENT', { default: canaries.fallback }) readonly absent!: string;
  readonly events: SecretRotatedEvent[] = [];

  constructor(
    @InjectSecretRef('API_KEY', { overlap: '1m' }) readonly ref: SecretRef<string>,
    @InjectSecretRef('DB', { field: 'password' }) readonly fieldRef: SecretRef<string>,
    @Inject(secretsConfig.KEY) readonly view: SecretsView,
    readonly config: ConfigService,
  ) {}

  @WithSecrets()
  call(@InjectSecret('API_KEY') key?: string): string {
    return key ?? '';
  }

  @WithSecrets()
  fail(@InjectSecret('API_KEY') _key?: string): never {
    throw new Error('the work failed');
  }

  @OnSecretRotated('API_KEY')
  rotated(event: SecretRotatedEvent<string>): void {
    this.events.push(event);
    // As drivers do: the message quotes what was given.
    throw new Error(`cannot connect as ${event.current}, ${event.previous} worked`);
  }
}

export class Pool {
  readonly #password: string;
  constructor(password: string) {
    this.#password = password;
  }
  refuse(): never {
    throw new Error(`password authentication failed for postgres://user:${this.#password}@db/app`);
  }
}

@Controller()
export class Api {
  constructor(readonly live: Live) {}

  @Get() read(): string {
    return String(this.live.key.length);
  }

  @Get('failing') fail(): never {
    return this.live.fail();
  }
}

export const POOL = 'POOL';
export type PoolOf = Rotating<Pool>;

export function appModule(source: () => SecretSource): new () => object {
  @Module({
    imports: [
      ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true, load: [secretsConfig] }),
      HcpVaultModule.forRootAsync({
        config: { namespace: 'secrets' },
        useFactory: () => ({ source: source(), retry: { base: 10, max: 20 }, timeout: '5s', overlap: '1m' }),
      }),
    ],
    controllers: [Api],
    providers: [
      Live,
      rotatingProvider({
        provide: POOL,
        secret: 'DB',
        create: (text) => new Pool((JSON.parse(text as string) as { password: string }).password),
        // The new password does not work: the error, which quotes it, is logged.
        validate: (pool: Pool) => (inspected += 1) > 1 && pool.refuse(),
        dispose: () => undefined,
      }),
    ],
  })
  class AppModule {}
  return AppModule;
}

let inspected = 0;
