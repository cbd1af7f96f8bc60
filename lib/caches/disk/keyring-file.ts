import { SecretSourceUnavailableError } from '../../core/errors/index.js';
import type { Stretching } from '../../core/shared/passphrase.js';
import { newStretching, stretchingOf, stretchingText } from '../../core/shared/passphrase.js';
import type { PrivateFolder } from './private-folder.js';
import { UntrustedFile } from './private-folder.js';

/** How a passphrase is stretched, for all who share the folder; nothing in it is secret. */
const NAME = 'keyring.json';

/** What the folder says, made where it says nothing that is trusted: what was sealed with the old one is read no more then. */
export async function stretchingIn(folder: PrivateFolder): Promise<Stretching> {
  const known = await read(folder);
  if (known) return known;
  const made = newStretching();
  const bytes = Buffer.from(stretchingText(made), 'utf8');
  if (!(await folder.create(NAME, bytes))) {
    const other = await read(folder); // another process was faster
    if (other) return other;
    await folder.write(NAME, bytes);
  }
  await folder.flush();
  // Who was last to replace a damaged one counts for all.
  const written = await read(folder);
  if (written) return written;
  throw new SecretSourceUnavailableError('what it says of passphrases can not be kept.');
}

async function read(folder: PrivateFolder): Promise<Stretching | undefined> {
  try {
    const bytes = await folder.read(NAME);
    return bytes && stretchingOf(bytes.toString('utf8'));
  } catch (error) {
    if (error instanceof UntrustedFile) return undefined;
    throw error;
  }
}
