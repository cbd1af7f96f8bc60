import { hideInOutput } from '../../../core/redaction.js';
import { GRACE } from '../../../core/source/attempts.js';
import { Pace } from '../../../core/source/pace.js';
import type { ReadContext } from '../../../core/source/secret-source.js';
import { HttpTransport, repeatedRequest } from '../../http/index.js';
import type { AgentToken } from './agent-token.js';
import { errorOf, KIND } from './local-agent.errors.js';

/** Requests under way at a time: the agent takes 800 unless it is told otherwise, and gets what it lacks from AWS one by one. */
export const MOST_AT_ONCE = 32;

/** The HTTP of an agent on this machine. Rejects only with SecretErrors; readings have no effect, whatever becomes of them. */
export class LocalAgentApi {
  readonly #transport: HttpTransport;
  readonly #pace = new Pace({ most: MOST_AT_ONCE });

  constructor(port: number) {
    this.#transport = new HttpTransport({ url: `http://localhost:${port}`, urlOption: 'port', sourceKind: KIND });
  }

  get place(): string {
    return this.#transport.origin;
  }

  /** The answer to one request as JSON. @param tried what it is, for errors, e.g. `GetSecretValue`. */
  async get(path: string, tried: string, token: AgentToken, context: ReadContext): Promise<unknown> {
    const { signal, progress, timeout } = context;
    return repeatedRequest(this.#pace, true, context, async () => {
      progress?.(GRACE);
      const response = await this.#transport.request({
        path,
        headers: token.header,
        signal,
        timeout,
        repeatable: true,
      });
      if (response.status !== 200) throw errorOf(response, tried);
      return response.json();
    });
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  static {
    hideInOutput(LocalAgentApi.prototype, () => `[secrets ${KIND}]`);
  }
}
