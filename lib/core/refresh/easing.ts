import type { RefreshPolicies } from '../tracking/policy.js';
import type { TrackedSecrets } from '../tracking/tracked-secrets.js';
import { inSlices } from '../turn-slices.js';
import type { Refresher } from './refresher.js';

export interface EasingOptions {
  readonly policies: RefreshPolicies;
  readonly secrets: TrackedSecrets;
  readonly refresher: Refresher;
  readonly random: () => number;
}

/** Has secrets read less often while somebody announces changes who can be relied upon, and as often as ever from the moment at which nobody does. */
export class Easing {
  constructor(private readonly options: EasingOptions) {}

  /** @param since from when it is so, on the monotonic clock. All come due together, at random within their interval: a fleet hears of this at once. */
  set(isEased: boolean, since: number): void {
    const { policies, secrets, refresher, random } = this.options;
    if (policies.isEased === isEased) return;
    policies.ease(isEased, since);
    const chance = random();
    const replanning = inSlices(secrets, (state) => state.repolicy(since, chance));
    if (replanning) void replanning.then(() => refresher.schedule());
    else refresher.schedule();
  }
}
