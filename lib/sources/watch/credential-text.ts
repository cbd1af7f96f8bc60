import { readWholeFile } from './file.reader.js';
import { DEFAULT_MAX_BYTES } from './watch.options.js';

/**
 * The text of a file that proves who we are, without a byte order mark. A pipe, a device, or what has no end is refused, where it would be waited for or
 * gathered for ever. Rejects with SecretErrors and the file system's own errors, for `fileTrouble`.
 */
export async function readCredentialText(path: string, maxBytes = DEFAULT_MAX_BYTES): Promise<string> {
  const bytes = await readWholeFile(path, { maxBytes });
  return new TextDecoder().decode(bytes);
}
