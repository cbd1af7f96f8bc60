import type { Clock } from '../../../core/clock.js';
import { hideInOutput } from '../../../core/redaction.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { isDenied } from '../shared/aws.errors.js';
import type { SecretsManagerApi } from './secrets-manager.client.js';

/** So that not all apps read a secret in the second of its rotation (ms). */
const SPREAD = 60_000;
/** A schedule that was set, changed or taken away without a new version is noticed within this (ms). */
const LOOK_AGAIN = 24 * 60 * 60_000;

interface Known {
  readonly version: string | undefined;
  readonly lookedAt: number;
  /** Milliseconds since 1970, the random share included. */
  readonly next: number | undefined;
}

export interface RotationScheduleOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly warn: (message: string) => void;
}

/** When secrets are to be read again because AWS is about to rotate them. */
export class RotationSchedule {
  readonly #known = new Map<string, Known>();
  #refused = false;

  constructor(
    private readonly api: SecretsManagerApi,
    private readonly options: RotationScheduleOptions,
  ) {}

  /** A random moment of the minute after the next rotation; undefined where none is planned, or nobody tells. Never rejects. */
  async nextReading(id: string, version: string | undefined, context: ReadContext): Promise<Date | undefined> {
    const { clock, random, warn } = this.options;
    const known = this.#known.get(id);
    const [now, wall] = [clock.now(), clock.wall()];
    const current = known && known.version === version && now - known.lookedAt < LOOK_AGAIN;
    if (current && (known.next === undefined || known.next > wall)) return dateOf(known.next);
    if (this.#refused) return undefined;
    try {
      const { RotationEnabled, NextRotationDate } = await this.api.describe(id, context);
      const planned = RotationEnabled ? (NextRotationDate?.getTime() ?? Number.NaN) : Number.NaN;
      const next = Number.isNaN(planned) ? undefined : planned + random() * SPREAD;
      this.#known.set(id, { version, lookedAt: now, next });
      return dateOf(next);
    } catch (error) {
      if (isDenied(error) && !this.#refused) {
        this.#refused = true;
        warn(
          'nestjs-hcp-vault: followRotation has no permission for secretsmanager:DescribeSecret; secrets are read only at the usual interval.',
        );
      }
      return undefined; // the interval serves
    }
  }

  static {
    hideInOutput(RotationSchedule.prototype, () => '[schedule of rotations]');
  }
}

const dateOf = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));
