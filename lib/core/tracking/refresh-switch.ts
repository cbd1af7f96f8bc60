import type { Clock } from '../clock.js';
import { SecretConfigurationError } from '../errors/index.js';

const VARIABLE = 'HCP_VAULT_REFRESH';

/**
 * Whether what has no lease is read by itself: by the clock, behind the reader of an aged value, and for what is announced. Who asks for a reading does
 * not ask here, nor do leases: without them an app would stand still, and not its values.
 */
export class RefreshSwitch {
  /** Milliseconds since 1970; undefined while it is on. */
  #offSince: number | undefined;

  constructor(private readonly clock: Pick<Clock, 'wall'>) {
    if (startsOff(process.env[VARIABLE])) this.turnOff();
  }

  get isOff(): boolean {
    return this.#offSince !== undefined;
  }

  get offSince(): Date | undefined {
    return this.#offSince === undefined ? undefined : new Date(this.#offSince);
  }

  turnOff(): void {
    this.#offSince ??= this.clock.wall();
  }

  turnOn(): void {
    this.#offSince = undefined;
  }
}

/** Throws SecretConfigurationError for what is neither on nor off: who mistypes a kill switch is to hear of it before it is needed. */
function startsOff(given: string | undefined): boolean {
  if (given === undefined || given === '' || given === 'on') return false;
  if (given === 'off') return true;
  throw new SecretConfigurationError(`the environment variable ${VARIABLE} is neither "on" nor "off".`, {
    advice: 'Set it to "off" to start with refreshing paused, or leave it out.',
  });
}
