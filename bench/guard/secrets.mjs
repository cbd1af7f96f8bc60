import { randomBytes, randomUUID } from 'node:crypto';

const kinds = [
  (i) => randomBytes(16).toString('base64url') + i,
  (i) => ({ engine: 'postgres', host: 'db.internal', port: 5432, username: `app_user_${i}`, password: `pw-${randomUUID()}!&"` }),
  (i) => `postgres://app:${randomBytes(12).toString('hex')}@db-${i}.internal:5432/orders`,
  () => randomUUID(),
  () => `sk_live_${randomBytes(24).toString('hex')}`,
]; // prettier-ignore

/** As apps have them: keys, passwords of databases, URLs, ids. */
export const secrets = (count) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`S${i}`, kinds[i % kinds.length](i)])); // prettier-ignore
