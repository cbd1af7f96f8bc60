import type { Dependent, SecretRuntime } from '../../core/client/secret-runtime.js';
import { foreignText } from '../../core/errors/foreign-text.js';
import { printable } from '../../core/errors/index.js';
import { settledWithin } from '../../core/rotation/settled-within.js';
import { RotationQueue } from '../../core/rotation/rotation-queue.js';
import type { SecretRotatedEvent } from '../../core/store/rotation-event.js';
import { classOf } from '../injection/class-of.js';
import { methodConsumer } from '../injection/token-consumers.js';
import type { SecretRequest } from '../injection/secret-request.js';

/** Milliseconds for handlers that run when the app closes. */
const HANDLERS_BOUND = 5_000;

/** The `@OnSecretRotated` methods of one connection in one app, each with a queue of its own. */
export class RotationHandlers implements Dependent {
  readonly #queues = new Set<RotationQueue>();
  /** Of instances that are gone, as those of `moduleRef.create`: however rarely the secret rotates. */
  readonly #ends = new FinalizationRegistry<() => void>((end) => end());

  constructor(private readonly runtime: SecretRuntime) {
    runtime.addDependent(this);
  }

  /** From now on a method of this instance hears of a secret’s rotations. The instance is held weakly: the app’s container keeps it. */
  add(instance: object, method: string | symbol, { name, version }: SecretRequest): void {
    const secret = this.runtime.pin(name, version);
    const reference = new WeakRef(instance);
    const place = printable(`${classOf(instance).name}.${String(method)}`);
    const type = classOf(instance);
    const audited = this.runtime.audit?.place('handler', methodConsumer(type, { place: 'handler', member: method }));
    const queue = new RotationQueue(
      (event) => {
        const target = reference.deref() as Record<string | symbol, Handler> | undefined;
        if (target) audited?.(secret, event.version);
        return target?.[method]?.(event);
      },
      (error, event) => {
        const where = `secret "${printable(event.name)}" (connection "${event.connection}")`;
        this.runtime.log.error(`${place} failed on the rotation of ${where}: ${foreignText(error)}`);
      },
    );
    this.#queues.add(queue);
    const end = (): void => {
      stop();
      this.#queues.delete(queue);
    };
    const stop = secret.live.onRotation((event) => {
      if (!reference.deref()) return void end();
      // A handler at work may need what was before: its credentials are not ended meanwhile.
      const { previousRevision } = event;
      const release = previousRevision !== undefined && secret.live.holds.hold(previousRevision);
      queue.push(event);
      const done = queue.idle();
      if (release) void done.then(release);
      return done;
    });
    this.#ends.register(instance, end);
  }

  async idle(): Promise<void> {
    await Promise.all([...this.#queues].map((queue) => queue.idle()));
  }

  /** A handler at work may finish, within a bound, before leases end. */
  async close(): Promise<void> {
    await settledWithin(HANDLERS_BOUND, this.runtime.clock, this.idle());
  }
}

type Handler = (event: SecretRotatedEvent) => unknown;
