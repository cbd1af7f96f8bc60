import type { Clock } from '../../../core/clock.js';
import { systemClock } from '../../../core/clock.js';
import { SecretAuthenticationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { Lived } from '../../../core/source/renewed-ahead.js';
import { RenewedAhead } from '../../../core/source/renewed-ahead.js';
import type { AwsCredentials, AwsCredentialsProvider } from './aws.options.js';

/** Renewed this long before their end, or for a tenth of their life, whichever is shorter (ms): as the SDK does for its own. */
const MARGIN = 5 * 60_000;

interface Session extends Lived {
  readonly credentials: AwsCredentials;
}

/**
 * The credentials of an assumed role: asked for once for all who need them at the same time, again shortly before their end, and again when AWS has
 * called them expired, which the SDK's own cache would not hear of.
 */
export class RoleCredentials {
  readonly #session: RenewedAhead<Session>;

  constructor(assume: AwsCredentialsProvider, clock: Clock = systemClock) {
    this.#session = new RenewedAhead({
      of: 'AWS session',
      sourceKind: 'aws',
      ask: () => sessionOf(assume, clock.wall()),
      ahead: (life) => Math.min(MARGIN, life / 10),
      waits: true, // those that still run serve while STS can't be reached
      now: () => clock.now(),
    });
  }

  /** For an SDK client: `memoized` tells it to ask each time, so that what was dropped here is not used there. */
  provider(): AwsCredentialsProvider {
    const current = async (): Promise<AwsCredentials> => (await this.#session.current()).credentials;
    return Object.assign(current, { memoized: true });
  }

  /** They were refused: the next who asks gets new ones. */
  drop(): void {
    this.#session.discard();
  }

  static {
    hideInOutput(RoleCredentials.prototype, () => '[secrets of a role]');
  }
}

/** @param askedAt milliseconds since 1970. */
async function sessionOf(assume: AwsCredentialsProvider, askedAt: number): Promise<Session> {
  const credentials = await assume();
  const life = credentials.expiration ? credentials.expiration.getTime() - askedAt : Number.POSITIVE_INFINITY;
  if (Number.isNaN(life)) throw new SecretAuthenticationError('STS gave credentials without a readable end.');
  return { credentials, life };
}
