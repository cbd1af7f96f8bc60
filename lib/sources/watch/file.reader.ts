import type { BigIntStats } from 'node:fs';
import { constants } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { brokenFile, notAFile } from './file.faults.js';

const ATTEMPTS = 5;
// A named pipe would keep the process waiting for a writer. Windows knows neither flag.
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const WITHOUT_LINKS = constants.O_NOFOLLOW ?? 0;

export interface FileReading {
  /** Bytes; a larger file is refused. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Refuses a link in the last part of the path: for paths that were resolved, and checked, before. */
  readonly noLinks?: boolean;
  /** Looks at the file that is open before anything of it is read, and throws where it is not the one that was meant. */
  readonly check?: ((file: FileHandle) => Promise<void>) | undefined;
}

/**
 * A whole file, unless it grew or changed while it was read: then once more. Rejects with SecretErrors for what is not a regular file,
 * too large, or never at rest; with the file system’s own errors otherwise.
 */
export async function readWholeFile(path: string, options: FileReading): Promise<Uint8Array> {
  const file = await open(path, WITHOUT_WAITING | (options.noLinks ? WITHOUT_LINKS : 0));
  try {
    await options.check?.(file);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
      options.signal?.throwIfAborted();
      const before = await file.stat({ bigint: true });
      if (!before.isFile()) throw notAFile(path);
      const bytes = await readBounded(file, options.maxBytes);
      if (!bytes) throw brokenFile(path, `is larger than ${options.maxBytes} bytes`);
      if (stateOf(before) === stateOf(await file.stat({ bigint: true }))) return bytes;
    }
  } finally {
    await file.close();
  }
  throw brokenFile(path, 'changes faster than it can be read');
}

/** Changes with every write and every replacement, also with one that sets the time of modification back. */
export const stateOf = ({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string =>
  [dev, ino, size, mtimeNs, ctimeNs].join(':');

/** Undefined where there is more than the bound. */
async function readBounded(file: FileHandle, maxBytes: number): Promise<Uint8Array | undefined> {
  const { size } = await file.stat();
  if (size > maxBytes) return undefined;
  // The size is only a hint: files of some file systems say 0, and one that grows is caught by the byte to spare.
  let buffer = Buffer.alloc(Math.min(Math.max(size, 4096), maxBytes) + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, length);
    if (bytesRead === 0) return Uint8Array.from(buffer.subarray(0, length));
    length += bytesRead;
    if (length > maxBytes) return undefined;
    if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(Math.min(length, maxBytes))]);
  }
}
