import { errorCode, readCredentialText } from '../sources/watch/index.js';
import { isSecretError } from '../core/errors/index.js';

/** Bytes: far above any status, seed, or list of types. */
const MOST = 32 * 1024 * 1024;

/** A file that an option names could not be read; the text tells why, and neither the path nor a word of what it holds. */
export class UnreadableFile extends Error {
  /** @param code of the system, e.g. `ENOENT`; undefined where it is not what can be read. */
  constructor(
    readonly code: string | undefined,
    why: string,
  ) {
    super(why);
  }
}

/**
 * The text of a file that an option names. A pipe would be waited for without end, and what has no end would fill the memory: both are refused.
 * @throws UnreadableFile
 */
export async function textOf(path: string): Promise<string> {
  try {
    return await readCredentialText(path, MOST);
  } catch (error) {
    if (!isSecretError(error)) {
      const code = errorCode(error);
      throw new UnreadableFile(code, code ?? 'unknown error');
    }
    const isFile = error.code !== 'SECRET_CONFIGURATION';
    throw new UnreadableFile(undefined, isFile ? `more than ${MOST} bytes, or changing` : 'not a regular file');
  }
}
