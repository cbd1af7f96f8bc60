import { backoffDelay } from '../backoff.js';
import type { Clock } from '../clock.js';
import { isSecretError, SecretNotLoadedError, type SecretError } from '../errors/index.js';
import { askedPause, isTransient, mayHaveHadEffect } from '../errors/transient.js';
import type { SourceCall } from '../cache/source-call.js';
import type { ConnectionLog } from '../refresh/connection-log.js';
import type { Refresher } from '../refresh/refresher.js';
import type { Updater } from '../refresh/updater.js';
import { settledWithin } from '../rotation/settled-within.js';
import { readCell } from '../store/cell.js';
import { boundedPause } from '../tracking/schedule.js';
import type { RefreshPolicy } from '../tracking/policy.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import type { Requirement } from './requirement.js';
import type { SchemaNames } from './schema-names.js';
import type { StartReport } from './start-report.js';

/** Milliseconds for a look at the names that there are, which may be many: it only helps who reads the error. */
const LOOKING = 2_000;

/** Its own: nothing is read from a polluted prototype. */
const NOTHING_ASKED = { version: undefined, field: undefined, overlap: undefined, consumer: undefined };
const ASKED = Object.keys(NOTHING_ASKED);

/** Those of an app have all of it, and there may be many: they are taken as they are. */
const whole = (given: Requirement): Requirement =>
  ASKED.every((key) => Object.hasOwn(given, key)) ? given : { ...NOTHING_ASKED, ...given };

export interface BootstrapOptions {
  readonly secrets: TrackedSecrets;
  readonly refresher: Refresher;
  readonly updater: Updater;
  readonly call: SourceCall;
  readonly log: ConnectionLog;
  readonly clock: Clock;
  readonly random: () => number;
  readonly schemas: SchemaNames;
  readonly connection: string;
  readonly policy: RefreshPolicy;
  /** Milliseconds. */
  readonly bootstrapTimeout: number;
}

type Lack = Parameters<StartReport['add']>;

export type Preload = 'decorated' | 'all' | 'none';

export interface FirstLoad {
  /** Of the app's classes and providers; none of them is read with `none`. */
  readonly requirements: readonly Requirement[];
  /** By the option of this name. */
  readonly required: readonly string[];
  readonly preload: Preload;
  /** Whether all that the source can enumerate is read, and kept. */
  readonly enumerates: boolean;
}

/** The first load: either every required secret is there at its end, or it fails once, with one error that lists all that are not usable. */
export class Bootstrap {
  constructor(private readonly options: BootstrapOptions) {}

  /** Rejects with SecretBootstrapError. */
  async run({ requirements, required, preload, enumerates }: FirstLoad): Promise<void> {
    const consumer = { kind: 'required', name: 'required' } as const;
    const named = required.map((name) => ({ name, need: 'required', consumer }) as const);
    const wanted = (preload === 'none' ? named : [...requirements, ...named]).map(whole);
    const secrets = wanted.map((requirement) => this.#track(requirement));
    if (preload === 'all' && (!enumerates || this.options.call.source.isBounded === false)) this.#warnUnbounded();
    const listing = await this.#load([...new Set(secrets)], enumerates);
    const lacks: Lack[] = listing ? [[listing]] : [];
    for (const [index, requirement] of wanted.entries()) {
      const secret = secrets[index]!;
      const error = this.#check(requirement, secret);
      if (error) lacks.push([error, secret, requirement.consumer]);
    }
    for (const error of this.options.schemas.refusals()) lacks.push([error]);
    if (lacks.length > 0) throw await this.#failure(lacks);
  }

  async #failure(lacks: readonly Lack[]): Promise<SecretError> {
    const { StartReport } = await import('./start-report.js');
    const report = new StartReport(this.options.call.source, this.options.connection);
    for (const lack of lacks) report.add(...lack);
    return report.toError(report.lacksNames ? await this.#knownNames() : []);
  }

  /** What there is, for who looks for what is not. None where the source may not, or can't, tell in time. */
  async #knownNames(): Promise<readonly string[]> {
    const { call, clock } = this.options;
    const { source } = call;
    if (!source.list) return [];
    let known: readonly string[] = [];
    const listing = call
      .run({ operation: 'list', what: 'list' }, (context) => source.list!(undefined, context))
      .then(
        (names) => void (known = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []),
        () => undefined,
      );
    await settledWithin(LOOKING, clock, listing);
    return known;
  }

  #warnUnbounded(): void {
    const { call, connection, log } = this.options;
    log.warn(
      `Secrets of "${connection}": the source ${call.source.kind} can't list within a bound, so \`preload: "all"\` reads what is decorated or required.`,
    );
  }

  #track({ name, version, need, overlap }: Requirement): SecretState {
    const secret = this.options.secrets.obtain(name, version);
    secret.pin();
    if (need === 'required') secret.demand.isRequired = true;
    if (overlap !== undefined) secret.live.replaced.retain(overlap);
    return secret;
  }

  /** Reads until nothing is left that waiting could heal, or the time is over. Gives the error of the listing, where all are wanted and it fails. */
  async #load(secrets: readonly SecretState[], all: boolean): Promise<SecretError | undefined> {
    const { clock, random, policy, bootstrapTimeout, refresher, updater, log } = this.options;
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
      // An old value of a shared cache is good enough to start with; it is caught up later.
      waiting = secrets.filter((one) => one.failure && mayHeal(one.failure.error) && !one.canServe(clock.now()));
      const again = listing !== undefined && mayHeal(listing);
      const left = deadline - clock.now();
      if ((waiting.length === 0 && !again) || left <= 0) break;
      const errors = [listing, ...waiting.map(({ failure }) => failure?.error)];
      log.waits(
        errors.find((error) => error !== undefined)!,
        left,
      );
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
