import type { Clock } from '../clock.js';
import type { Observations } from '../observe/observations.js';
import { observedSecret } from '../observe/observed-secret.js';
import type { LiveSecret } from '../store/live-secret.js';
import type { ResourceStatus } from './resource-life.js';
import { ResourceLife } from './resource-life.js';

export interface ResourcesOptions {
  readonly sourceKind: string;
  readonly clock: Clock;
  readonly observations: Observations;
}

/** All resources that are made from the secrets of one connection. */
export class Resources {
  readonly #lives = new Set<ResourceLife>();

  constructor(private readonly options: ResourcesOptions) {}

  /** In the order in which they were begun. */
  get statuses(): ResourceStatus[] {
    return [...this.#lives].map(({ status }) => status);
  }

  /** @param resource name of its token. */
  begin(resource: string, secret: LiveSecret): ResourceLife {
    const { clock, sourceKind, observations } = this.options;
    const where = observedSecret(secret, sourceKind);
    const life = new ResourceLife({
      name: resource,
      secret,
      clock,
      tell: (step, { isFirst, version, durationMs, isInTime, code }) =>
        observations.tell('resourceChanged', () => ({
          ...where,
          step,
          resource,
          isFirst,
          at: new Date(clock.wall()),
          ...(version !== undefined && { version }),
          ...(durationMs !== undefined && { durationMs }),
          ...(isInTime !== undefined && { isInTime }),
          ...(code !== undefined && { code }),
        })),
      within: (work) => observations.within(() => ({ ...where, kind: 'swap', resource }), work),
      onRefused: () => observations.tell('secretRejected', () => ({ ...where, by: 'use' })),
    });
    this.#lives.add(life);
    return life;
  }
}
