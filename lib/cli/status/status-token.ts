import { textOf } from '../bounded-file.js';
import { UsageError } from '../usage-error.js';

/** Names the token of status pages. */
export const TOKEN_VARIABLE = 'HCP_VAULT_STATUS_TOKEN';

/** Of the file that is named, else of the environment. Throws UsageError for a file that can't be read, or holds none. */
export async function tokenOf(
  { tokenFile }: { readonly tokenFile?: string },
  environment: NodeJS.ProcessEnv,
): Promise<string | undefined> {
  if (tokenFile === undefined) return environment[TOKEN_VARIABLE]?.trim() || undefined;
  try {
    const token = (await textOf(tokenFile)).trim();
    if (/^[\x21-\x7e]+$/.test(token)) return token;
  } catch (error) {
    throw new UsageError(`the file of --token-file cannot be read (${(error as Error).message}).`);
  }
  throw new UsageError('the file of --token-file holds no token: one line of plain characters.');
}
