import type {
  ObservedCall,
  ObservedFollowing,
  ObservedRefusal,
  ObservedRejection,
  ObservedResource,
  ObservedRotation,
  Observer,
} from '../../../lib/core/observe/observer.js';
import type { SecretEvent } from '../../../lib/core/refresh/secret-events.js';

/** An observer that keeps all that it is told. */
export class RecordedObserver implements Observer {
  readonly calls: ObservedCall[] = [];
  readonly rotations: ObservedRotation[] = [];
  readonly followings: ObservedFollowing[] = [];
  readonly refusals: ObservedRefusal[] = [];
  readonly rejections: ObservedRejection[] = [];
  readonly resources: ObservedResource[] = [];
  readonly events: SecretEvent[] = [];

  sourceCalled(call: ObservedCall): void {
    this.calls.push(call);
  }

  rotated(rotation: ObservedRotation): void {
    this.rotations.push(rotation);
  }

  rotationFollowed(rotation: ObservedFollowing): void {
    this.followings.push(rotation);
  }

  valueRefused(refusal: ObservedRefusal): void {
    this.refusals.push(refusal);
  }

  secretRejected(rejection: ObservedRejection): void {
    this.rejections.push(rejection);
  }

  resourceChanged(change: ObservedResource): void {
    this.resources.push(change);
  }

  happened(event: SecretEvent): void {
    this.events.push(event);
  }

  get steps(): string[] {
    return this.resources.map(({ step }) => step);
  }
}
