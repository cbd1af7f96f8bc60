import type { CancelTimer, Clock } from '../clock.js';
import type { SecretError } from '../errors/index.js';
import type { SecretVersion } from '../secret/secret-version.js';

type Answers = ReadonlyMap<string, SecretVersion | SecretError>;

/** Milliseconds: what comes within this goes to readers together, so that a reading which is over soon is still published in one step. */
const TOGETHER = 100;

/** The answers that a source gives before its reading is over: they go on in parts, so that nobody waits for a part that takes long, or fails. */
export class EarlyAnswers {
  #collected = new Map<string, SecretVersion | SecretError>();
  #cancel: CancelTimer | undefined;
  #delivering: Promise<void> = Promise.resolve();
  #isOver = false;
  /** Names that an answer has come for. */
  readonly taken = new Set<string>();

  /** @param deliver takes a part; never rejects. */
  constructor(
    private readonly clock: Clock,
    private readonly deliver: (part: Answers) => Promise<void>,
  ) {}

  /** For a source to call; what is not a Map is ignored. */
  readonly add = (part: Answers): void => {
    if (this.#isOver || !(part instanceof Map)) return;
    for (const [name, answer] of part as Answers) {
      this.#collected.set(name, answer);
      this.taken.add(name);
    }
    this.#cancel ??= this.clock.setTimer(() => this.#flush(), TOGETHER);
  };

  /** No part is delivered any more. Gives what has come and was not delivered, when the delivery of parts is over. */
  async end(): Promise<Answers> {
    this.#isOver = true;
    this.#cancel?.();
    await this.#delivering;
    return this.#collected;
  }

  #flush(): void {
    this.#cancel = undefined;
    const part = this.#collected;
    this.#collected = new Map();
    this.#delivering = this.#delivering.then(() => this.deliver(part));
  }
}
