import type { Clock } from '../../../core/clock.js';
import { systemClock } from '../../../core/clock.js';
import { SecretAuthenticationError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { AwsCredentials, AwsCredentialsProvider } from './aws.options.js';

/** Renewed this long before their end, or for a tenth of their life, whichever is shorter (ms): as the SDK does for its own. */
const MARGIN = 5 * 60_000;

/**
 * The credentials of an assumed role: asked for once for all who need them at the same time, again shortly before their end, and again when AWS has
 * called them expired, which the SDK's own cache would not hear of.
 */
export class RoleCredentials {
  #held: { readonly credentials: AwsCredentials; readonly renewAt: number; readonly endsAt: number } | undefined;
  #asking: Promise<AwsCredentials> | undefined;
  readonly #assume: AwsCredentialsProvider;

  constructor(
    assume: AwsCredentialsProvider,
    private readonly clock: Clock = systemClock,
  ) {
    this.#assume = assume;
  }

  /** For an SDK client: `memoized` tells it to ask each time, so that what was dropped here is not used there. */
  provider(): AwsCredentialsProvider {
    return Object.assign(() => this.#current(), { memoized: true });
  }

  /** They were refused: the next who asks gets new ones. */
  drop(): void {
    this.#held = undefined;
  }

  async #current(): Promise<AwsCredentials> {
    const held = this.#held;
    const now = this.clock.now();
    if (held && now < held.renewAt) return held.credentials;
    this.#asking ??= this.#ask().finally(() => (this.#asking = undefined));
    if (!held || now >= held.endsAt) return this.#asking;
    // Those that still run serve while STS can't be reached.
    return this.#asking.catch(() => held.credentials);
  }

  async #ask(): Promise<AwsCredentials> {
    const credentials = await this.#assume();
    const life = credentials.expiration
      ? credentials.expiration.getTime() - this.clock.wall()
      : Number.POSITIVE_INFINITY;
    if (Number.isNaN(life)) throw new SecretAuthenticationError('STS gave credentials without a readable end.');
    const now = this.clock.now();
    this.#held = { credentials, renewAt: now + life - Math.min(MARGIN, life / 10), endsAt: now + life };
    return credentials;
  }

  static {
    hideInOutput(RoleCredentials.prototype, () => '[secrets of a role]');
  }
}
