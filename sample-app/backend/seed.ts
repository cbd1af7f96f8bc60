import { randomBytes } from 'node:crypto';
import type { Seed } from 'nestjs-hcp-vault/testing';
import type { AccessKey, Login } from './credentials.js';

export const APP_NAME = 'sample-app';

export const madeUp = (prefix: string): string => prefix + randomBytes(18).toString('base64url');

/** What the emulator holds at start, one secret of each type that the service knows. All values are made up. */
export const seed = (login: Login, accessKey: AccessKey): Seed => ({
  apps: {
    [APP_NAME]: {
      STRIPE_KEY: madeUp('sk_demo_'),
      SIGNING_KEY: madeUp(''),
      MAIL_TOKEN: madeUp('mail_'),
      PIN: '4711',
      DATABASE: { type: 'rotating', values: { ...login } },
      AWS: { type: 'dynamic', values: { ...accessKey }, ttl: '300s' },
    },
  },
});
