import {
  isSecretError,
  SecretAccessDeniedError,
  SecretConfigurationError,
  type SecretError,
  SecretNotFoundError,
  type SecretSource,
  SecretSourceUnavailableError,
  SecretThrottledError,
  SecretVersion,
} from 'nestjs-hcp-vault';

export interface ConsulOptions {
  /** E.g. `https://consul.internal:8501`. */
  readonly address: string;
  readonly token: string;
  /** Goes before names, e.g. `prod/payments/`. */
  readonly prefix: string;
}

/** One entry, as Consul's API gives it. */
interface Entry {
  readonly Key: string;
  readonly Value: string | null;
  readonly ModifyIndex: number;
}

const KIND = 'consul';
/** Requests at the same time. */
const AT_ONCE = 8;

/** Secrets of Consul's key-value store. A name may have folders: `db/password`. */
export class ConsulSource implements SecretSource {
  readonly kind = KIND;
  readonly #options: ConsulOptions; // private by `#`: no inspection prints the token

  constructor(options: ConsulOptions) {
    if (!URL.canParse(options.address)) {
      throw new SecretConfigurationError('option "address" is not a URL.', { sourceKind: KIND });
    }
    this.#options = options;
  }

  /** Each name is a request of its own, and what is wrong with one is that one's error; an outage is that of all, and ends the reading. */
  async read(
    names: readonly string[],
    { version, signal }: { version?: string | undefined; signal: AbortSignal },
  ): Promise<Map<string, SecretVersion | SecretError>> {
    const found = new Map<string, SecretVersion | SecretError>();
    const waiting = [...names];
    const readNext = async (): Promise<void> => {
      const name = waiting.shift();
      if (name === undefined) return;
      try {
        const secret = await this.#readOne(name, signal);
        // Consul keeps no older versions: any other than the current one is not found.
        if (secret && (version === undefined || version === secret.version)) found.set(name, secret);
      } catch (error) {
        if (!isOfOneName(error)) throw error;
        found.set(name, error);
      }
    };
    const readOn = async (): Promise<void> => {
      while (waiting.length > 0) await readNext();
    };
    await readNext(); // one request finds out whether anybody answers
    await Promise.all(Array.from({ length: AT_ONCE }, readOn));
    return found;
  }

  async readAll({ signal }: { signal: AbortSignal }): Promise<Map<string, SecretVersion>> {
    const { prefix } = this.#options;
    const entries = await this.#ask(`${encoded(prefix)}?recurse=true`, signal);
    return new Map(
      entries
        .filter(({ Key }) => Key !== prefix && !Key.endsWith('/')) // folders
        .map((entry) => [entry.Key.slice(prefix.length), secretOf(entry)]),
    );
  }

  async list(prefix: string | undefined, context: { signal: AbortSignal }): Promise<string[]> {
    return [...(await this.readAll(context)).keys()].filter((name) => name.startsWith(prefix ?? ''));
  }

  /** Stands in the text of a start that fails. */
  describe(name: string): { source: string; name: string; at: string }[] {
    return [{ source: KIND, name: this.#options.prefix + name, at: this.#options.address }];
  }

  async #readOne(name: string, signal: AbortSignal): Promise<SecretVersion | undefined> {
    refuseOdd(name);
    const [entry] = await this.#ask(encoded(this.#options.prefix + name), signal);
    return entry && secretOf(entry);
  }

  async #ask(path: string, signal: AbortSignal): Promise<Entry[]> {
    const { address, token } = this.#options;
    let response: Response;
    try {
      response = await fetch(new URL(`/v1/kv/${path}`, address), {
        headers: { 'x-consul-token': token },
        redirect: 'error', // the token goes nowhere else
        signal,
      });
      if (response.ok) return (await response.json()) as Entry[];
      await response.body?.cancel();
    } catch (cause) {
      signal.throwIfAborted();
      // `cause` is reduced to its name and code: a parser's text may quote a value.
      throw new SecretSourceUnavailableError('it gave no answer that makes sense.', { sourceKind: KIND, cause });
    }
    if (response.status === 404) return [];
    throw errorOf(response);
  }
}

function secretOf({ Value, ModifyIndex }: Entry): SecretVersion {
  return SecretVersion.of(Buffer.from(Value ?? '', 'base64').toString('utf8'), { version: String(ModifyIndex) });
}

/** By status only: what the body says may quote what was sent. */
function errorOf({ status, headers }: Response): SecretError {
  const details = { sourceKind: KIND, cause: { name: 'ConsulError', status } };
  if (status === 401 || status === 403) return new SecretAccessDeniedError(undefined, details);
  if (status === 429) {
    const seconds = Number(headers.get('retry-after'));
    return new SecretThrottledError(undefined, { ...details, ...(seconds > 0 && { retryAfter: seconds * 1000 }) });
  }
  return new SecretSourceUnavailableError(`it answered with HTTP ${status}.`, details);
}

const isOfOneName = (error: unknown): error is SecretError =>
  isSecretError(error) && (error.code === 'SECRET_NOT_FOUND' || error.code === 'SECRET_ACCESS_DENIED');

/** Refused before anything is sent: a name that would lead to another path. */
function refuseOdd(name: string): void {
  const isOdd = name.length > 4096 || /[\p{Cc}\p{Cs}]/u.test(name);
  if (isOdd || name.split('/').some((part) => part === '' || part === '.' || part === '..')) {
    throw new SecretNotFoundError('it can not be a key of Consul.', { sourceKind: KIND, secretName: name });
  }
}

/** Slashes are folders; all else is data. */
const encoded = (key: string): string => key.split('/').map(encodeURIComponent).join('/');
