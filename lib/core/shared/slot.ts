import { hideInOutput } from '../redaction.js';

/** `listing`: the names of the last enumeration, as one entry of its own. */
export type SlotKind = 'secret' | 'listing';

export interface SlotFields {
  readonly connection: string;
  /** Kind and address of the source, as known before its first request, so that it is the same at each start. */
  readonly source: string;
  readonly kind: SlotKind;
  /** As the backend is asked for it, wherever the source looks: prefixes and documents are in it. */
  readonly place: string;
  /** The canonical name; empty for a listing. */
  readonly name: string;
  /** The version or stage that is asked for; undefined for the current one. */
  readonly requested: string | undefined;
}

/** The place of one secret (in one version) in a shared cache: what an entry belongs to, and is bound to by its encryption. */
export class Slot {
  readonly name: string;
  readonly requested: string | undefined;
  readonly kind: SlotKind;
  /** All that makes it this slot: each tells where it ends, so that no two lists of parts are alike. */
  readonly bytes: Buffer;

  constructor({ connection, source, kind, place, name, requested }: SlotFields) {
    this.name = name;
    this.requested = requested;
    this.kind = kind;
    const asked = requested === undefined ? ['current'] : ['requested', requested];
    const parts = [connection, source, kind, place, name, ...asked].map((part) => Buffer.from(part, 'utf8'));
    this.bytes = Buffer.concat(parts.flatMap((part) => [length(part), part]));
  }

  /** The same for the same slot, however often it is made. */
  get key(): string {
    return this.bytes.toString('latin1');
  }

  static {
    hideInOutput(Slot.prototype, ({ kind, name }) => `[slot of ${kind} ${name}]`);
  }
}

function length({ byteLength }: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(byteLength);
  return bytes;
}
