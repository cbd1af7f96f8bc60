import type { Clock } from '../clock.js';
import type { SecretState } from '../tracking/secret-state.js';
import type { StateListener } from '../tracking/state-listener.js';
import type { TransitionFacts, TransitionType } from '../tracking/transitions.js';
import type { Observations } from './observations.js';
import type { ObservedFollowing, ObservedRotation } from './observer.js';
import { observedSecret } from './observed-secret.js';

export interface RotationsOptions {
  readonly sourceKind: string;
  readonly clock: Clock;
  readonly observations: Observations;
  /** When the announcement arrived that had a secret read, in milliseconds since 1970; asked once a rotation. */
  readonly takeAnnouncedAt: (state: SecretState) => number | undefined;
  /** The app closes: what ends then has not followed anything. */
  readonly isOver: () => boolean;
}

/** Tells of each rotation, and again when the last who follows it has done so: only then is nobody left with the value before. */
export class Rotations implements StateListener {
  constructor(private readonly options: RotationsOptions) {}

  told(state: SecretState, type: TransitionType, facts: TransitionFacts): void {
    const { observations, clock, isOver } = this.options;
    if (type !== 'rotated') return;
    const announcedAt = this.options.takeAnnouncedAt(state);
    if (!observations.isObserved) return;
    const [publishedAt, begunAt] = [clock.wall(), clock.now()];
    const rotation = this.#rotation(state, facts, announcedAt, publishedAt);
    observations.tell('rotated', () => rotation);
    const isNewer = !facts.previousCreatedAt || !facts.createdAt || facts.createdAt > facts.previousCreatedAt;
    const follow = (): void =>
      observations.tell('rotationFollowed', () => followed(rotation, clock.now() - begunAt, isNewer));
    const { followed: following } = state.live;
    if (following) void following.then(() => isOver() || follow());
    else follow();
  }

  settled(): void {
    // Each is told at once.
  }

  #rotation(
    state: SecretState,
    { version, previousVersion, createdAt }: TransitionFacts,
    announcedAt: number | undefined,
    publishedAt: number,
  ): ObservedRotation {
    return {
      ...observedSecret(state.live, this.options.sourceKind),
      ...(version !== undefined && { version }),
      ...(previousVersion !== undefined && { previousVersion }),
      ...(createdAt && { createdAt }),
      ...(announcedAt !== undefined && { announcedAt: new Date(announcedAt) }),
      publishedAt: new Date(publishedAt),
    };
  }
}

/** @param isNewer false of a return to an older version: its creation says nothing of when it became the current one. */
function followed(rotation: ObservedRotation, after: number, isNewer: boolean): ObservedFollowing {
  const { announcedAt, createdAt, publishedAt } = rotation;
  const from = announcedAt ?? (isNewer ? createdAt : undefined);
  const ms = from && Math.max(0, publishedAt.getTime() + after - from.getTime());
  return {
    ...rotation,
    followedAt: new Date(publishedAt.getTime() + after),
    ...(ms !== undefined && { lag: { from: announcedAt ? 'announcement' : 'creation', ms } }),
  };
}
