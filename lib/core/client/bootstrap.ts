import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';
import { isSecretError, SecretBootstrapError, SecretNotLoadedError, type SecretError } from '../errors/index.js';
import { askedPause, isTransient, mayHaveHadEffect } from '../errors/transient.js';
import type { Refresher } from '../refresh/refresher.js';
import type { Updater } from '../refresh/updater.js';
import { readCell } from '../store/cell.js';
import { boundedPause } from '../tracking/schedule.js';
import type { RefreshPolicy } from '../tracking/policy.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { Requirement } from './requirement.js';
import type { SchemaNames } from './schema-names.js';

export interface BootstrapOptions {
  readonly secrets: TrackedSecrets;
  readonly refresher: Refresher;
  readonly updater: Updater;
  readonly clock: Clock;
  readonly random: () => number;
  readonly schemas: SchemaNames;
  readonly connection: string;
  readonly sourceKind: string;
  readonly policy: RefreshPolicy;
  /** Milliseconds. */
  readonly bootstrapTimeout: number;
}

/** The first load: either every required secret is there at its end, or it fails once, with one error that lists all that are not usable. */
export class Bootstrap {
  constructor(private readonly options: BootstrapOptions) {}

  /** @param all whether everything that the source can enumerate is read too. */
  async run(requirements: readonly Requirement[], all: boolean): Promise<void> {
    const wanted = this.#track(requirements);
    const listing = await this.#load([...new Set(wanted.values())], all);
    const unusable = [...wanted].map(([requirement, secret]) => this.#check(requirement, secret));
    const { connection, sourceKind } = this.options;
    const errors = new Map<string, SecretError>();
    for (const error of [listing, ...unusable, ...this.options.schemas.refusals()]) {
      const located = error?.located({ connection, sourceKind });
      if (located) errors.set(located.message, located);
    }
    if (errors.size > 0) throw SecretBootstrapError.listing([...errors.values()], connection);
  }

  #track(requirements: readonly Requirement[]): Map<Requirement, SecretState> {
    const wanted = new Map<Requirement, SecretState>();
    for (const requirement of requirements) {
      const secret = this.options.secrets.obtain(requirement.name, requirement.version);
      secret.pin();
      if (requirement.overlap !== undefined) secret.live.replaced.retain(requirement.overlap);
      wanted.set(requirement, secret);
    }
    return wanted;
  }

  /** Reads until nothing is left that waiting could heal, or the time is over. Gives the error of the listing, where all are wanted and it fails. */
  async #load(secrets: readonly SecretState[], all: boolean): Promise<SecretError | undefined> {
    const { clock, random, policy, bootstrapTimeout, refresher, updater } = this.options;
    const deadline = clock.now() + bootstrapTimeout;
    let waiting = secrets;
    let listing: SecretError | undefined;
    for (let failures = 1; !updater.isShut; failures += 1) {
      if (all && (failures === 1 || listing)) {
        const { covered, error } = await refresher.enumerate(waiting);
        listing = error;
        waiting = waiting.filter((state) => !covered.has(state));
      }
      await updater.bringEach(waiting);
      waiting = secrets.filter(({ failure }) => failure && mayHeal(failure.error));
      const again = listing !== undefined && mayHeal(listing);
      const left = deadline - clock.now();
      if ((waiting.length === 0 && !again) || left <= 0) break;
      const errors = [listing, ...waiting.map(({ failure }) => failure?.error)];
      const asked = errors.map((error) => boundedPause(askedPause(error), policy) ?? 0);
      await updater.pause(Math.min(left, Math.max(backoffDelay(failures, policy.retry, random()), ...asked)));
    }
    return listing;
  }

  #check({ field, need }: Requirement, state: SecretState): SecretError | undefined {
    if (need === 'preload') return undefined;
    const { live, failure } = state;
    try {
      if (live.state === 'missing' && need === 'optional') return undefined;
      const cell = field === undefined ? live.cell : live.field(field);
      if (cell.missing && need === 'optional') return undefined;
      readCell(cell);
      if (field !== undefined && need === 'required') state.requireField(field);
      return undefined;
    } catch (error) {
      if (!isSecretError(error)) throw error;
      // "Not loaded" is what readers see; why it is not loaded is what an operator needs.
      return error instanceof SecretNotLoadedError && failure ? failure.error : error;
    }
  }
}

/** True where a start may go on waiting. Wrong credentials don’t heal by themselves, and opening credentials again would issue more. */
function mayHeal(error: SecretError): boolean {
  if (error.code === 'SECRET_AUTHENTICATION') return false;
  return isTransient(error) && !mayHaveHadEffect(error);
}
