import { randomBytes } from 'node:crypto';
import type { Seed } from 'nestjs-hcp-vault/testing';

export const APP_NAME = 'sample-app';

const madeUp = (prefix: string): string => prefix + randomBytes(18).toString('base64url');

/** What the emulator holds at start, one secret of each type that the service knows. All values are made up. */
export const seed = (): Seed => ({
  apps: {
    [APP_NAME]: {
      STRIPE_KEY: madeUp('sk_demo_'),
      SIGNING_KEY: madeUp(''),
      MAIL_TOKEN: madeUp('mail_'),
      PIN: '4711',
      DATABASE: { type: 'rotating', values: { username: madeUp('app_'), password: madeUp('') } },
      AWS: {
        type: 'dynamic',
        values: { access_key_id: madeUp('AKIA'), secret_access_key: madeUp('') },
        ttl: '30s',
      },
    },
  },
});
