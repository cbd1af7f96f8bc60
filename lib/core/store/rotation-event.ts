import { hideInOutput } from '../redaction.js';

/** One rotation of one secret. Values are there to be read, and hidden from inspection and JSON. */
export interface SecretRotatedEvent<T = unknown> {
  readonly name: string;
  readonly connection: string;
  /** Undefined where the secret was not there before. */
  readonly previous?: T;
  readonly current: T;
  readonly previousVersion?: string;
  readonly version?: string;
  /** When the new value reached this process. */
  readonly at: Date;
}

export interface RotationFacts {
  readonly name: string;
  readonly connection: string;
  readonly previousVersion: string | undefined;
  /** Which of the secret's values it was, where it is known. */
  readonly previousRevision?: number | undefined;
  readonly version: string;
  readonly at: Date;
}

export class RotationEvent implements SecretRotatedEvent {
  readonly name: string;
  readonly connection: string;
  declare readonly previousVersion?: string;
  declare readonly version: string;
  readonly at: Date;
  readonly #previousRevision: number | undefined;
  readonly #previous: unknown;
  readonly #current: unknown;

  constructor(facts: RotationFacts, previous: unknown, current: unknown) {
    this.name = facts.name;
    this.connection = facts.connection;
    if (facts.previousVersion !== undefined) this.previousVersion = facts.previousVersion;
    this.version = facts.version;
    this.at = facts.at;
    this.#previousRevision = facts.previousRevision;
    this.#previous = previous;
    this.#current = current;
  }

  get previousRevision(): number | undefined {
    return this.#previousRevision;
  }

  get previous(): unknown {
    return this.#previous;
  }

  get current(): unknown {
    return this.#current;
  }

  /** The same rotation for a reader that saw neither `previous` nor what came between. */
  since(earlier: RotationEvent): RotationEvent {
    return new RotationEvent(
      {
        name: this.name,
        connection: this.connection,
        previousVersion: earlier.version,
        previousRevision: this.#previousRevision,
        version: this.version,
        at: this.at,
      },
      earlier.#current,
      this.#current,
    );
  }

  static {
    hideInOutput(RotationEvent.prototype, (self) => `[secret ${self.name}]`);
  }
}
