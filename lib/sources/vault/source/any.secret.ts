import type { Duration } from '../../../core/duration.js';
import { toMilliseconds } from '../../../core/duration.js';
import { SecretConfigurationError, SecretValidationError } from '../../../core/errors/index.js';
import type { OptionKinds } from '../../../core/options/option-kinds.js';
import { Lease } from '../../../core/secret/lease.js';
import type { VaultRequestOptions } from '../client/index.js';
import { KIND } from '../errors/vault.source.errors.js';
import type { Mapped } from './engine.answers.js';
import { leased, taken } from './engine.answers.js';
import { VaultSecret } from './vault.secret.js';

type Data = Readonly<Record<string, unknown>>;

export interface ReadOptions extends Mapped<Data> {
  /** @default 'GET' */
  readonly method?: 'GET' | 'POST' | 'PUT' | undefined;
  readonly query?: VaultRequestOptions['query'];
  /** What is sent, in Vault's own names, e.g. `{ kubernetes_namespace: 'shop' }`. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
  /**
   * How long the answer is good, where Vault gives no lease: it is replaced ahead of that, and never served after it. A duration (milliseconds, or text as
   * '25m'), or the time of its end. @default as long as Vault's lease, else `maxAge` of the module
   */
  readonly lifetime?: ((data: Data) => Duration | Date) | undefined;
  /** Fields that are other ones at each reading though nothing has changed, such as a `ttl` that counts down: they are left out of the value. */
  readonly ignore?: readonly string[] | undefined;
}

export const READ_PATH_OPTIONS: OptionKinds<ReadOptions> = {
  method: ['GET', 'POST', 'PUT'],
  query: 'any',
  body: 'any',
  lifetime: 'function',
  ignore: 'texts',
  map: 'function',
};

/** Milliseconds for what is over when it arrives, as `lifetime` says: to ask again at once would not help. */
const OVER = 60_000;

/**
 * What a path gives as `data`, whatever engine is there: leased where Vault says so, or with the life that `lifetime` reads from it. Never repeated, nor read
 * along with all others, for nobody can tell what it does.
 */
export const read = (path: string, options?: ReadOptions): VaultSecret => {
  const {
    method = 'GET',
    query,
    body,
    lifetime,
    ignore = [],
    map,
  } = taken(options, READ_PATH_OPTIONS, 'read', path, 'path');
  if (body !== undefined && method !== 'POST' && method !== 'PUT') {
    throw new SecretConfigurationError(`read: a body needs the method POST or PUT, and not ${method}.`);
  }
  return VaultSecret.of({
    verb: 'reading',
    place: path,
    asked: () => `${method} ${path}`,
    reading: 'may issue',
    map,
    open: async (calls, { vaultNow }) => {
      const { data, lease } = leased(await calls.request(method, path, { query, body, repeatable: false }));
      const kept =
        ignore.length === 0
          ? data
          : Object.fromEntries(Object.entries(data).filter(([name]) => !ignore.includes(name)));
      return { data: kept, lease: lifetime ? limited(lease, lifeOf(lifetime, data, vaultNow())) : lease };
    },
  });
};

/** Milliseconds. */
function lifeOf(lifetime: NonNullable<ReadOptions['lifetime']>, data: Data, now: number): number {
  let left: number;
  try {
    const given: unknown = lifetime(data);
    left = given instanceof Date ? given.getTime() - now : toMilliseconds(given as Duration, 'lifetime');
    if (Number.isNaN(left)) throw new TypeError('no time');
  } catch (cause) {
    // No matter of configuration: credentials may have been issued, so that this is not tried again at once.
    const advice = 'It has to give a duration, such as "25m", or a Date.';
    throw new SecretValidationError('its `lifetime` fails.', { sourceKind: KIND, cause, advice });
  }
  return left > 0 ? left : OVER;
}

/** The shorter one counts. */
function limited(lease: Lease | undefined, duration: number): Lease {
  if (lease && lease.duration <= duration) return lease;
  return Lease.of({ id: lease?.id, duration, renewable: false });
}
