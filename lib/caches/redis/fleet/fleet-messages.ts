import { hideInOutput } from '../../../core/redaction.js';
import type { KeyRing } from '../../../core/shared/key-ring.js';

/** What one replica tells all others, of slots by their ids. */
export interface FleetMessage {
  /** `stored`: it is to be taken from the storage. `announced`: it has changed at the source. `unknown`: another release may know. */
  readonly type: 'stored' | 'announced' | 'unknown';
  readonly from: string;
  readonly changes: readonly FleetChange[];
}

export interface FleetChange {
  readonly id: string;
  readonly version?: string | undefined;
}

/** How many messages are remembered, so that none is heard twice. */
const REMEMBERED = 4_096;
/** Bytes of a sealed message that tell it from each other one: its salt is among them. Not of its text: one message has many texts. */
const MARK = 30;

/** Messages between those who have the key: nobody else reads or makes one. One that is repeated by somebody else counts once. */
export class FleetMessages {
  readonly #ring: KeyRing;
  readonly #owner: Buffer;
  readonly #heard = new Set<string>();

  constructor(
    ring: KeyRing,
    connection: string,
    /** Of this process, only in messages. */
    readonly self: string,
  ) {
    this.#ring = ring;
    this.#owner = Buffer.from(`nestjs-hcp-vault message\0${connection}`);
  }

  /** One for each key: messages go to the first, and come from all, while a key is being replaced. */
  get channels(): string[] {
    return this.#ring.idsOf(this.#owner);
  }

  seal(type: Exclude<FleetMessage['type'], 'unknown'>, changes: readonly FleetChange[]): string {
    const listed = changes.map(({ id, version }) => (version === undefined ? [id] : [id, version]));
    return this.#ring.seal(this.#owner, Buffer.from(JSON.stringify([type, this.self, listed]))).toString('base64');
  }

  /** Of this process too. `refused`: nobody of ours has made it. `repeated`: it has been heard already. */
  open(text: string): FleetMessage | 'refused' | 'repeated' {
    const sealed = Buffer.from(text, 'base64');
    const content = this.#ring.open(this.#owner, sealed);
    if (typeof content === 'string') return 'refused';
    const mark = sealed.toString('latin1', 0, MARK);
    if (this.#heard.has(mark)) return 'repeated';
    this.#heard.add(mark);
    for (const oldest of this.#heard) {
      if (this.#heard.size <= REMEMBERED) break;
      this.#heard.delete(oldest);
    }
    return messageOf(content);
  }

  static {
    hideInOutput(FleetMessages.prototype, () => '[messages of a fleet]');
  }
}

/** It has been authenticated: only our own kind, perhaps of another release, can have written it. */
function messageOf(content: Buffer): FleetMessage {
  try {
    const [type, from, changes] = JSON.parse(content.toString('utf8')) as [unknown, unknown, [unknown, unknown?][]];
    const listed = changes.map(([id, version]) => ({
      id: String(id),
      ...(typeof version === 'string' && { version }),
    }));
    return { type: type === 'stored' || type === 'announced' ? type : 'unknown', from: String(from), changes: listed };
  } catch {
    return { type: 'unknown', from: '', changes: [] };
  }
}
