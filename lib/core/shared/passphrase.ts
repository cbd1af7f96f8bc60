import { randomBytes, scrypt } from 'node:crypto';

/** How a passphrase becomes a key: kept beside what is sealed, for all who share it. None of it is secret. */
export interface Stretching {
  readonly kdf: 'scrypt';
  /** 32 bytes. */
  readonly salt: Buffer;
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** About 400 ms and 128 MiB. */
const COST = { N: 2 ** 17, r: 8, p: 1 } as const;
/** Whoever can write beside what is sealed must not make it weak, nor a start endless. */
const MOST = 2 ** 20;
const SALT = 32;
const KEY = 32;

export const newStretching = (): Stretching => ({ kdf: 'scrypt', salt: randomBytes(SALT), ...COST });

export const stretchingText = ({ salt, ...rest }: Stretching): string =>
  `${JSON.stringify({ ...rest, salt: salt.toString('base64') })}\n`;

/** Undefined for what is none, or none that is trusted. */
export function stretchingOf(text: string): Stretching | undefined {
  try {
    const { kdf, salt, N, r, p } = JSON.parse(text) as Record<string, unknown>;
    const bytes = Buffer.from(typeof salt === 'string' ? salt : '', 'base64');
    const isSound = typeof N === 'number' && N >= COST.N && N <= MOST && (N & (N - 1)) === 0;
    if (kdf !== 'scrypt' || !isSound || r !== COST.r || p !== COST.p || bytes.byteLength !== SALT) return undefined;
    return { kdf, salt: bytes, N, r, p };
  } catch {
    return undefined;
  }
}

/** Off the event loop. */
export function stretch(passphrase: string, { salt, N, r, p }: Stretching): Promise<Uint8Array> {
  const options = { N, r, p, maxmem: 256 * N * r }; // the default refuses from 2^15 on
  return new Promise((resolve, reject) =>
    scrypt(passphrase.normalize('NFC'), salt, KEY, options, (error, key) => (error ? reject(error) : resolve(key))),
  );
}
