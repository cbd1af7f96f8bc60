import { SecretAuthenticationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { hideInOutput } from '../../../core/redaction.js';
import { fileTrouble, readCredentialText } from '../../watch/index.js';
import { KIND } from './local-agent.errors.js';

/** In the agent's own order. */
const VARIABLES = ['AWS_TOKEN', 'AWS_SESSION_TOKEN', 'AWS_CONTAINER_AUTHORIZATION_TOKEN'];
const FILE = /^file:\/\//;
const DEFAULT_FILE = '/var/run/awssmatoken';

/** What proves to the agent that it is asked from this machine, as text: it goes into a header, and nowhere else. */
export class AgentToken {
  readonly #text: string;

  private constructor(text: string) {
    this.#text = text;
  }

  /**
   * Rejects with SecretSourceUnavailableError where the file is not there yet, or is empty: what starts the agent may write it a moment later; with
   * SecretAuthenticationError where it can't be read.
   * @param file in place of what the environment names.
   */
  static async read(file?: string): Promise<AgentToken> {
    const named = file === undefined ? VARIABLES.map((name) => process.env[name]).find(Boolean) : `file://${file}`;
    if (named !== undefined && !FILE.test(named)) return new AgentToken(named);
    return new AgentToken(await contentOf(named?.replace(FILE, '') ?? DEFAULT_FILE));
  }

  get header(): Readonly<Record<string, string>> {
    return { 'X-Aws-Parameters-Secrets-Token': this.#text };
  }

  static {
    hideInOutput(AgentToken.prototype, () => '[secrets token]');
  }
}

async function contentOf(file: string): Promise<string> {
  let text: string;
  try {
    text = (await readCredentialText(file)).trim();
  } catch (cause) {
    const { reason, advice } = fileTrouble(file, cause);
    const Made =
      (cause as NodeJS.ErrnoException).code === 'ENOENT' ? SecretSourceUnavailableError : SecretAuthenticationError;
    throw new Made(`the agent's token can't be read: ${reason}`, { sourceKind: KIND, cause, advice });
  }
  if (text !== '') return text;
  throw new SecretSourceUnavailableError(`the file of the agent's token, "${file}", is empty.`, { sourceKind: KIND });
}
