import type { Clock } from '../clock.js';
import { isSecretError, SecretBootstrapError, SecretNotLoadedError, type SecretError } from '../errors/index.js';
import { passes } from '../refresh/passing-errors.js';
import { retryDelay } from '../refresh/plan.js';
import type { RetryPolicy } from '../refresh/policy.js';
import type { Refresher } from '../refresh/refresher.js';
import type { TrackedSecret, TrackedSecrets } from '../refresh/tracked-secret.js';
import { readCell } from '../store/cell.js';
import type { Requirement } from './requirement.js';

export interface BootstrapOptions {
  readonly secrets: TrackedSecrets;
  readonly refresher: Refresher;
  readonly clock: Clock;
  readonly random: () => number;
  readonly connection: string;
  readonly sourceKind: string;
  readonly retry: RetryPolicy;
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
    const errors = new Map<string, SecretError>();
    if (listing) errors.set(listing.message, listing);
    for (const [requirement, secret] of wanted) {
      const error = this.#check(requirement, secret);
      const located = error?.located({ connection: this.options.connection, sourceKind: this.options.sourceKind });
      if (located) errors.set(located.message, located);
    }
    if (errors.size > 0) throw SecretBootstrapError.listing([...errors.values()], this.options.connection);
  }

  #track(requirements: readonly Requirement[]): Map<Requirement, TrackedSecret> {
    const wanted = new Map<Requirement, TrackedSecret>();
    for (const requirement of requirements) {
      const secret = this.options.secrets.obtain(requirement.name, requirement.version);
      secret.entry.pinned = true;
      if (requirement.overlap !== undefined) secret.live.replaced.retain(requirement.overlap);
      wanted.set(requirement, secret);
    }
    return wanted;
  }

  /** Reads until nothing is left that waiting could heal, or the time is over. Gives the error of the listing, where all are wanted and it fails. */
  async #load(secrets: readonly TrackedSecret[], all: boolean): Promise<SecretError | undefined> {
    const { clock, random, retry, bootstrapTimeout, refresher } = this.options;
    const deadline = clock.now() + bootstrapTimeout;
    let waiting = secrets;
    let listing: SecretError | undefined;
    for (let failures = 1; ; failures += 1) {
      if (all && (failures === 1 || listing)) {
        const { covered, error } = await refresher.enumerate(waiting);
        listing = error;
        waiting = waiting.filter(({ entry }) => !covered.has(entry));
      }
      await refresher.readByName(waiting);
      waiting = secrets.filter(({ entry }) => entry.failure && mayHeal(entry.failure.error));
      const again = listing !== undefined && mayHeal(listing);
      const left = deadline - clock.now();
      if ((waiting.length === 0 && !again) || left <= 0) return listing;
      const asked = [listing, ...waiting.map(({ entry }) => entry.failure?.error)].map(
        (error) => (error as { retryAfter?: number } | undefined)?.retryAfter ?? 0,
      );
      await clock.sleep(Math.min(left, Math.max(retryDelay(failures, retry, random()), ...asked)));
    }
  }

  #check({ field, need }: Requirement, { entry, live }: TrackedSecret): SecretError | undefined {
    if (need === 'try') return undefined;
    try {
      if (live.state === 'missing' && need === 'may') return undefined;
      const cell = field === undefined ? live.cell : live.field(field);
      if (cell.missing && need === 'may') return undefined;
      readCell(cell);
      if (field !== undefined && need === 'must') entry.requiredFields.add(field);
      return undefined;
    } catch (error) {
      if (!isSecretError(error)) throw error;
      // "Not loaded" is what readers see; why it is not loaded is what an operator needs.
      return error instanceof SecretNotLoadedError && entry.failure ? entry.failure.error : error;
    }
  }
}

/** True where a start may go on waiting. Wrong credentials don’t heal by themselves, and opening credentials again would issue more. */
function mayHeal(error: SecretError): boolean {
  if (error.code === 'SECRET_AUTHENTICATION') return false;
  return passes(error) && (error as { effect?: string }).effect !== 'possible';
}
