import { Injectable, Module } from '@nestjs/common';
import {
  HcpVaultModule,
  InjectSecret,
  InjectSecretField,
  InjectSecretRef,
  Lease,
  OnSecretRotated,
  rotatingProvider,
  SecretAccessDeniedError,
  SecretSourceUnavailableError,
  SecretVersion,
} from 'nestjs-hcp-vault';
import type { SecretRef, SecretSource } from 'nestjs-hcp-vault';

const SECRETS = [
  'DATABASE',
  'REDIS_PASSWORD',
  'STRIPE_API_KEY',
  'SESSION_SIGNING_KEY',
  'SMTP',
  'SENTRY_DSN',
  'WEBHOOK_SECRET',
  'JWT_PRIVATE_KEY',
  'S3_CREDENTIALS',
];

/** A source as a shop may have it: called Vault, with a dynamic secret, which can be made to fail. Values begin with `canary-`. */
export class ShopVault implements SecretSource {
  readonly kind = 'vault';
  readonly versions = new Map<string, number>();
  readonly denied = new Set<string>();
  isAway = false;

  /** @param more names that it has beside the shop's. */
  constructor(readonly more: readonly string[] = []) {}

  rotate(name: string): void {
    this.versions.set(name, (this.versions.get(name) ?? 1) + 1);
  }

  async read(names: readonly string[]): ReturnType<SecretSource['read']> {
    await new Promise((resolve) => setTimeout(resolve, 3));
    if (this.isAway) throw new SecretSourceUnavailableError('it does not answer.');
    return new Map(names.flatMap((name) => (this.has(name) ? [[name, this.#versionOf(name)] as const] : [])));
  }

  protected has(name: string): boolean {
    return name !== 'FEATURE_FLAGS_TOKEN';
  }

  #versionOf(name: string): SecretVersion | SecretAccessDeniedError {
    if (this.denied.has(name)) return new SecretAccessDeniedError();
    const number = this.versions.get(name) ?? 1;
    const value = `canary-of-${name}-${number}`;
    if (name === 'DATABASE') {
      const lease = Lease.of({ id: `database/creds/shop/${number}`, duration: '1h', renewable: true });
      return SecretVersion.of({ username: 'shop', password: value }, { lease });
    }
    return SecretVersion.of(value, { version: String(number) });
  }

  renew(lease: Lease): Promise<Lease> {
    return Promise.resolve(lease);
  }
}

@Injectable()
class Payments {
  constructor(@InjectSecret('STRIPE_API_KEY') readonly key: string) {}

  @OnSecretRotated('WEBHOOK_SECRET')
  onRotated(): void {}
}

@Injectable()
class Mailer {
  @InjectSecret('SMTP') readonly smtp!: string;
  @InjectSecretField('DATABASE', 'username') readonly user!: string;
  constructor(
    @InjectSecretRef('SESSION_SIGNING_KEY') readonly key: SecretRef<string>,
    @InjectSecret('FEATURE_FLAGS_TOKEN', { optional: true }) readonly flags?: string,
  ) {}
}

/** A shop with ten secrets, one of them not there, and a pool that follows its password. */
export function shopModule(source: ShopVault): unknown {
  const required = [...SECRETS, ...source.more];
  @Module({
    imports: [HcpVaultModule.forRoot({ source, required, refresh: { jitter: 0.2 }, retry: { base: '30s' } })],
    providers: [
      Payments,
      Mailer,
      rotatingProvider({
        provide: 'ShopPool',
        secret: 'REDIS_PASSWORD',
        create: () => ({ isPool: true }),
        dispose: () => undefined,
      }),
    ],
  })
  class ShopModule {}
  return ShopModule;
}
