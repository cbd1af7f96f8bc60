import type { KeyObject } from 'node:crypto';
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';
import { hideInOutput } from '../redaction.js';

/** The first byte of all that is sealed: another form gets another number. */
const FORM = 1;
const KEY_ID = 8;
const SALT = 16;
const NONCE = 12;
const TAG = 16;
const HEAD = 1 + KEY_ID + SALT;
const CIPHER = 'aes-256-gcm';
// Node takes a tag of 4 bytes where it is not told.
const TAG_LENGTH = { authTagLength: TAG };

/** `foreign`: sealed under a key that is not in the ring, or in a form of another release. `damaged`: none of it can be trusted, whatever it is. */
export type Refusal = 'foreign' | 'damaged';

interface Key {
  readonly master: KeyObject;
  readonly id: Buffer;
  /** Of names: what is stored of one tells nothing of it. */
  readonly names: KeyObject;
}

/**
 * The keys of a shared cache. Each sealing has a key of its own, by HKDF-SHA256 of the master key and a random salt, so that nonces never meet:
 * form (1) | key id (8) | salt (16) | nonce (12) | AES-256-GCM ciphertext | tag (16), with all before the nonce, and what it belongs to, as associated data.
 */
export class KeyRing {
  readonly #keys: readonly Key[];
  readonly #derived = new Map<string, KeyObject>();

  /** @param masters 32 bytes each; the first seals, all open. */
  constructor(masters: readonly Uint8Array[]) {
    this.#keys = masters.map((bytes) => {
      const master = createSecretKey(bytes);
      const id = createHmac('sha256', master).update('nestjs-hcp-vault key id').digest().subarray(0, KEY_ID);
      return { master, id, names: derived(master, Buffer.alloc(0), 'names') };
    });
  }

  /** Text that stands for something under each key, and tells nothing of it: the first is where it is written, the others are where it may be yet. */
  idsOf(bytes: Uint8Array): string[] {
    return this.#keys.map(({ names }) => createHmac('sha256', names).update(bytes).digest('base64url'));
  }

  /** A key that all who share the first key have, for another purpose. */
  derivedKey(purpose: string): KeyObject {
    const known = this.#derived.get(purpose) ?? derived(this.#keys[0]!.master, Buffer.alloc(0), purpose);
    this.#derived.set(purpose, known);
    return known;
  }

  /** @param owner what it belongs to: it opens for nothing else. */
  seal(owner: Uint8Array, content: Uint8Array): Buffer {
    const { master, id } = this.#keys[0]!;
    const salt = randomBytes(SALT);
    const nonce = randomBytes(NONCE);
    const head = Buffer.concat([Buffer.of(FORM), id, salt]);
    const cipher = createCipheriv(CIPHER, derived(master, salt, 'entry'), nonce, TAG_LENGTH);
    cipher.setAAD(Buffer.concat([head, owner]));
    return Buffer.concat([head, nonce, cipher.update(content), cipher.final(), cipher.getAuthTag()]);
  }

  /** What was sealed for this owner, or why it is refused. Never throws. */
  open(owner: Uint8Array, sealed: Uint8Array): Buffer | Refusal {
    const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
    if (bytes.byteLength < HEAD + NONCE + TAG) return 'damaged';
    if (bytes[0] !== FORM) return 'foreign';
    const id = bytes.subarray(1, 1 + KEY_ID);
    const key = this.#keys.find((candidate) => timingSafeEqual(candidate.id, id));
    if (!key) return 'foreign';
    const head = bytes.subarray(0, HEAD);
    const salt = head.subarray(1 + KEY_ID);
    const nonce = bytes.subarray(HEAD, HEAD + NONCE);
    try {
      const decipher = createDecipheriv(CIPHER, derived(key.master, salt, 'entry'), nonce, TAG_LENGTH);
      decipher.setAAD(Buffer.concat([head, owner]));
      decipher.setAuthTag(bytes.subarray(bytes.byteLength - TAG));
      // What `update` gives is not authenticated yet: nobody sees it before `final` has said that it is.
      const content = decipher.update(bytes.subarray(HEAD + NONCE, bytes.byteLength - TAG));
      return Buffer.concat([content, decipher.final()]);
    } catch {
      return 'damaged';
    }
  }

  static {
    hideInOutput(KeyRing.prototype, () => '[keys of a shared cache]');
  }
}

const derived = (master: KeyObject, salt: Buffer, purpose: string): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', master, salt, `nestjs-hcp-vault ${purpose}`, 32)));
