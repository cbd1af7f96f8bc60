import type { HcpVaultClient } from '../../core/client/hcp-vault-client.js';
import type { SecretRuntime } from '../../core/client/secret-runtime.js';
import { printable } from '../../core/errors/printable.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretLogger } from '../../core/refresh/connection-log.js';
import { RequestBodies } from '../webhook/request-body.js';
import type { PlatformRequest } from './platform.js';
import { nodeRequest } from './platform.js';
import { isOfThisPage } from './request-origin.js';

/** `refresh` reads all secrets of a connection, or the one with an `id`, now. */
export interface StatusAction {
  readonly action: 'refresh' | 'pause' | 'resume';
  readonly connection: string;
  /** Of one secret, as the page's data have it. */
  readonly id?: string | undefined;
}

export interface ActionAnswer {
  readonly status: number;
  readonly body: object;
}

export interface StatusActionsParts {
  readonly runtimes: readonly SecretRuntime[];
  /** Of the same connections, in the same order. */
  readonly clients: readonly HcpVaultClient[];
  readonly logger: SecretLogger;
}

const refused = (status: number, message: string): ActionAnswer => ({ status, body: { statusCode: status, message } });

const ACTIONS = ['refresh', 'pause', 'resume'];
/** Failures that are listed; the rest is counted. */
const MOST_FAILURES = 20;

/** What an operator may do from the page. Never throws. */
export class StatusActions {
  readonly #parts: StatusActionsParts;
  readonly #bodies = new RequestBodies();
  /** Connections that are being refreshed as a whole, and IDs of secrets. */
  readonly #underWay = new Set<string>();

  constructor(parts: StatusActionsParts) {
    this.#parts = parts;
  }

  async answer(request: PlatformRequest): Promise<ActionAnswer> {
    const node = nodeRequest(request);
    if (!isOfThisPage(node)) return refused(403, 'An action is asked for by the page itself, or with the header x-secrets-status: 1.'); // prettier-ignore
    if (!/^application\/json\b/i.test(node.headers['content-type'] ?? '')) {
      return refused(415, 'An action is asked for in JSON.');
    }
    const asked = actionOf(await this.#bodyOf(request));
    if (!asked) return refused(400, 'An action is { "action": "refresh" | "pause" | "resume", "connection", "id"? }.');
    const index = this.#parts.runtimes.findIndex(({ connection }) => connection === asked.connection);
    const [runtime, client] = [this.#parts.runtimes[index], this.#parts.clients[index]];
    if (!runtime || !client) return refused(404, 'There is no such connection.');
    try {
      return asked.action === 'refresh'
        ? await this.#refresh(asked, runtime, client)
        : this.#pause(asked.action, client);
    } catch {
      return refused(500, 'It failed; see the log.');
    }
  }

  async #refresh({ id }: StatusAction, runtime: SecretRuntime, client: HcpVaultClient): Promise<ActionAnswer> {
    const { connection } = runtime;
    const name = id === undefined ? undefined : nameOf(id, runtime);
    if (id !== undefined && name === undefined) return refused(404, 'There is no such secret any more.');
    const key = id ?? `${connection}#`;
    if (this.#underWay.has(key)) return refused(409, 'It is being read already.');
    this.#underWay.add(key);
    try {
      const of = name === undefined ? 'all secrets' : `secret "${printable(name)}"`;
      this.#parts.logger.log(`A refresh of ${of} of connection "${connection}" was asked for on the status page.`);
      const { changed, unchanged, failed } = await client.refresh(name);
      const listed = failed.slice(0, MOST_FAILURES).map(({ name: of, error }) => ({
        name: printable(of),
        code: error.code,
        message: printable(error.message),
      }));
      const counts = { changed: changed.length, unchanged: unchanged.length, failed: failed.length };
      return { status: 200, body: { ...counts, failures: listed } };
    } finally {
      this.#underWay.delete(key);
    }
  }

  #pause(action: 'pause' | 'resume', client: HcpVaultClient): ActionAnswer {
    const { connection } = client;
    this.#parts.logger.log(`Connection "${connection}": ${action} was asked for on the status page.`);
    client[action]();
    return { status: 200, body: { isPaused: client.isPaused } };
  }

  /** What the app's parser made of it, or the bytes, where it has none. */
  async #bodyOf(request: PlatformRequest): Promise<unknown> {
    const { body } = request;
    if (typeof body === 'object' && body !== null && !(body instanceof Uint8Array)) return body;
    const bytes = await this.#bodies.bytesOf(Object.assign(nodeRequest(request), { body }));
    try {
      return typeof bytes === 'string' ? undefined : (JSON.parse(bytes.toString('utf8')) as unknown);
    } catch {
      return undefined;
    }
  }

  static {
    hideInOutput(StatusActions.prototype, () => '[secrets status page]');
  }
}

/** A copy of what is an action and nothing more. */
function actionOf(body: unknown): StatusAction | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const own = (key: string): unknown => (Object.hasOwn(body, key) ? (body as Record<string, unknown>)[key] : undefined);
  const [action, connection, id] = [own('action'), own('connection'), own('id')];
  if (typeof action !== 'string' || !ACTIONS.includes(action) || typeof connection !== 'string') return undefined;
  if (id !== undefined && typeof id !== 'string') return undefined;
  return { action: action as StatusAction['action'], connection, id };
}

function nameOf(id: string, runtime: SecretRuntime): string | undefined {
  for (const state of runtime.secrets) if (`${runtime.connection}#${state.ordinal}` === id) return state.name;
  return undefined;
}
