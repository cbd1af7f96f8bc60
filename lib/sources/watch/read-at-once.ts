import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { brokenFile } from './file.faults.js';

/** Bytes: the list of a whole system's authorities has some 200 kB. */
const LONGEST = 4 * 1024 * 1024;

/**
 * A file at once, where nobody can wait for it, as TLS and options ask for it. A pipe would hold up the whole process until somebody writes into it, and
 * what has no end would fill the memory: both are refused. Throws SecretErrors and the file system's own errors, for `fileTrouble`.
 */
export function readAtOnce(path: string): Buffer {
  const file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const found = fstatSync(file);
    if (!found.isFile()) throw brokenFile(path, 'is not a regular file');
    return readBounded(file, path);
  } finally {
    closeSync(file);
  }
}

/** Whatever size it says to have: some file systems say 0. */
function readBounded(file: number, path: string): Buffer {
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    const part = Buffer.alloc(64 * 1024);
    const read = readSync(file, part);
    if (read === 0) return Buffer.concat(parts, length);
    length += read;
    if (length > LONGEST) throw brokenFile(path, `is larger than ${LONGEST} bytes`);
    parts.push(part.subarray(0, read));
  }
}
