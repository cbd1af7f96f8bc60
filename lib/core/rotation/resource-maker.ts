import { SecretConfigurationError } from '../errors/index.js';
import { hideInOutput } from '../redaction.js';
import { ResourceInUse } from './resource-in-use.js';
import type { ResourceLife } from './resource-life.js';
import type { RotatingContext, RotatingOptions } from './rotating.options.js';

/** Makes resources from the current value of a secret, and ends them: each step is told to its life. */
export class ResourceMaker<T> {
  constructor(
    private readonly name: string,
    private readonly options: RotatingOptions<T>,
    private readonly context: RotatingContext,
    private readonly life: ResourceLife,
  ) {}

  /** Rejects with what `create` or `validate` threw; what was made then is disposed of. */
  async build(): Promise<ResourceInUse<T>> {
    const { current, holds, name: secretName } = this.context.secret;
    if (!current) throw new SecretConfigurationError('there is no value to build from.', { secretName });
    const from = { revision: current.revision, version: current.version };
    const release = holds.hold(from.revision);
    this.life.building(from);
    try {
      const resource = await this.life.making(() => this.#make(current.value));
      return new ResourceInUse(resource, from, release);
    } catch (error) {
      release();
      this.life.failed(error);
      throw error;
    }
  }

  /** Ends one that nobody has worked with. Never rejects. */
  async end({ resource, release }: ResourceInUse<T>): Promise<void> {
    await this.#dispose(resource);
    release();
  }

  /** Ends one when the work with it is done, or `drain` is over. Never rejects. */
  async retire(old: ResourceInUse<T>): Promise<void> {
    this.life.draining(old.from);
    this.life.drained(old.from, await old.drained(this.options.drain, this.context.clock));
    await this.end(old);
    this.life.disposed();
  }

  warn(what: string, error: unknown): void {
    const { secret, warn } = this.context;
    warn(`The resource "${this.name}" of secret "${secret.name}" (connection "${secret.connection}") ${what}`, error);
  }

  async #make(value: unknown): Promise<T> {
    const resource = await this.options.create(value);
    this.life.step('built');
    await this.#validate(resource);
    return resource;
  }

  async #validate(resource: T): Promise<void> {
    const { validate } = this.options;
    if (!validate) return;
    try {
      await validate(resource);
    } catch (error) {
      await this.#dispose(resource);
      throw error;
    }
    this.life.step('validated');
  }

  async #dispose(resource: T): Promise<void> {
    try {
      await this.options.dispose(resource);
    } catch (error) {
      this.warn('could not be disposed of in order.', error);
    }
  }

  static {
    hideInOutput(ResourceMaker.prototype, (self) => `[secret ${self.context.secret.name}]`);
  }
}
