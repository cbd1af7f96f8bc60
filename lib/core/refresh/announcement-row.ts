import type { Clock } from '../clock.js';
import type { SecretState } from '../tracking/secret-state.js';
import { Waits } from './waits.js';

/** Milliseconds after an announcement at which its secret is read, until it shows: a replica may lag behind whoever announces. */
const READINGS = [0, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000];

export interface RowOptions {
  readonly clock: Clock;
  /** Reads the secret again; never rejects. */
  readonly read: (state: SecretState) => Promise<void>;
}

/** The readings that one announcement of a secret begins: until what was announced is there, or the time that is given to it is over. */
export class AnnouncementRow {
  readonly #revision: number | undefined;
  readonly #version: string | undefined;
  readonly #wasGone: boolean;
  #startedAt: number | undefined;
  /** Others joined: what they announced may have come after the last reading. */
  #joined: { readonly version: string | undefined }[] = [];
  #readings = 0;
  readonly #waits: Waits;

  constructor(
    readonly state: SecretState,
    /** The version that was announced, where one was. */
    private announced: string | undefined,
    private readonly options: RowOptions,
  ) {
    this.#revision = state.live.current?.revision;
    this.#version = state.facts?.given.version;
    this.#wasGone = state.isGone;
    this.#waits = new Waits(options.clock);
  }

  /** Resolves with whether what was announced was seen, when no more readings come. Never rejects. */
  async run(): Promise<boolean> {
    const { clock } = this.options;
    const startedAt = (this.#startedAt = clock.now());
    for (const after of READINGS) {
      await this.#waits.for(startedAt + after - clock.now());
      if (this.#waits.areOver || this.#isSeen()) break; // the job may have read it meanwhile
      await this.#read();
      if (this.#isSeen()) break;
    }
    const isSeen = this.#isSeen();
    // One reading for all who joined.
    if (this.isJoined && !this.#waits.areOver) {
      this.#joined = [];
      await this.#read();
    }
    return isSeen;
  }

  /** Others have joined, and it is not known that what they announced has been here: after the row, during its very last reading. */
  get isJoined(): boolean {
    return this.#joined.some(({ version }) => version === undefined || !this.state.hasHeld(version));
  }

  /** How many readings it took. */
  get readings(): number {
    return this.#readings;
  }

  /** Another announcement of the same secret. */
  join(version: string | undefined): void {
    if (this.#startedAt === undefined) {
      this.announced = version ?? this.announced;
      return;
    }
    this.#joined.push({ version });
    if (this.#joined.length > 100) this.#joined = [{ version: undefined }];
  }

  end(): void {
    this.#waits.end();
  }

  async #read(): Promise<void> {
    this.#readings += 1;
    await this.options.read(this.state);
  }

  #isSeen(): boolean {
    const { state, announced } = this;
    if (announced !== undefined && state.hasHeld(announced)) return true;
    if (state.isGone && !this.#wasGone) return true;
    return state.live.current?.revision !== this.#revision || state.facts?.given.version !== this.#version;
  }
}
