import type { OnModuleInit } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import type { HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import type { Duration } from '../../core/duration.js';
import { toMilliseconds } from '../../core/duration.js';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { ConnectionHealth } from '../../core/health/connection-health.js';
import { connectionHealth } from '../../core/health/connection-health.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import { ownOptions } from '../../core/options/own-options.js';
import { AppStart } from '../lifecycle/app-start.js';

export interface HealthCheckOptions {
  /** Which connections of the app are looked at. @default all */
  readonly connection?: string | readonly string[] | undefined;
  /** For how long a secret that fails to be read may be unread before that is `degraded`; what has ended, or is not there, is told at once. @default 0 */
  readonly degradedAfter?: Duration | undefined;
}

const TAKER = 'HcpVaultHealthIndicator.check';

export const HEALTH_OPTIONS: OptionKinds<HealthCheckOptions> = { connection: 'any', degradedAfter: 'duration' };

/** What stands under the key, beside `status`. */
export interface HealthData {
  /** Of each connection that was looked at. */
  readonly connections: Readonly<Record<string, ConnectionHealth>>;
  /** On Terminus 11, which has no `degraded` of its own: then the status is `up`. */
  readonly degraded?: true;
}

/** What Terminus 12's sessions have, and 11's have not. */
interface Degradable<Result> {
  degraded(data: Record<string, unknown>): Result;
}

/**
 * A health indicator of Terminus 11 and 12 for readiness: an outage of the source is degraded, and the app stays in service with what it has. Put it into
 * `providers`, beside TerminusModule in `imports`. Asks no source: it says what is known.
 */
@Injectable()
export class HcpVaultHealthIndicator implements OnModuleInit {
  readonly #modules: ModuleRef;
  readonly #container: ModulesContainer;
  #health: HealthIndicatorService | undefined;

  constructor(@Inject(ModuleRef) modules: ModuleRef, @Inject(ModulesContainer) container: ModulesContainer) {
    this.#modules = modules;
    this.#container = container;
  }

  /** Throws SecretConfigurationError where the app has no Terminus. */
  async onModuleInit(): Promise<void> {
    this.#health = await this.#terminus();
  }

  /**
   * `down` only where a required secret has ended or was never there, or a resource of `rotatingProvider` has no living one. Throws
   * SecretConfigurationError for an option or a connection that there is not, and else never.
   * @param key under which it stands in the answer, e.g. `secrets`.
   */
  check<const Key extends string>(key: Key, given?: HealthCheckOptions): HealthIndicatorResult<Key> {
    const options = ownOptions(given, HEALTH_OPTIONS, TAKER);
    const degradedAfter = toMilliseconds(options.degradedAfter ?? 0, 'degradedAfter');
    const chosen = this.#chosen(options.connection);
    const connections = Object.fromEntries(chosen.map((one) => [one.connection, connectionHealth(one, degradedAfter)]));
    const levels = Object.values(connections).map(({ level }) => level);
    const session = this.#session(key);
    const data = { connections };
    if (levels.includes('down')) return session.down(data);
    if (!levels.includes('degraded')) return session.up(data);
    const degradable = session as Partial<Degradable<HealthIndicatorResult<Key>>>;
    return degradable.degraded ? degradable.degraded(data) : session.up({ ...data, degraded: true });
  }

  #session<const Key extends string>(key: Key): ReturnType<HealthIndicatorService['check']> {
    if (this.#health) return this.#health.check(key);
    throw new SecretConfigurationError(`${TAKER} is called before the app has been initialized.`);
  }

  async #terminus(): Promise<HealthIndicatorService> {
    try {
      const { HealthIndicatorService } = await import('@nestjs/terminus');
      return this.#modules.get(HealthIndicatorService, { strict: false });
    } catch (cause) {
      throw new SecretConfigurationError('HcpVaultHealthIndicator needs @nestjs/terminus 11 or 12.', {
        advice: 'Install it, and import TerminusModule in the app.',
        cause,
      });
    }
  }

  #chosen(connection: unknown): readonly SecretRuntime[] {
    // One that a lazily loaded module could not open is not a part of the app.
    const all = new Map(AppStart.of(this.#container).runtimes.map((runtime) => [runtime.connection, runtime]));
    const known = listed([...all.keys()]);
    if (connection === undefined) {
      if (all.size > 0) return [...all.values()];
      throw new SecretConfigurationError('HcpVaultHealthIndicator: this app has no connection: import HcpVaultModule.');
    }
    const names: readonly unknown[] = Array.isArray(connection) ? connection : [connection];
    return names.map((name) => {
      const runtime = all.get(name as string);
      if (runtime) return runtime;
      const what = `option "connection" of ${TAKER} names one that this app does not have`;
      throw new SecretConfigurationError(`${what}: ${JSON.stringify(name) ?? String(name)}. There are ${known}.`);
    });
  }
}

const listed = (names: readonly string[]): string =>
  names.length > 0 ? names.map((name) => `"${name}"`).join(', ') : 'none';
