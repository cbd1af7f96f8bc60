import type { SecretError } from '../../core/errors/index.js';
import { isSecretError } from '../../core/errors/index.js';
import { hideInOutput } from '../../core/redaction.js';
import { withJsonParsed } from '../../core/secret/json.js';
import { anyRules, mayExist, usableNames } from '../../core/secret/secret-name.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import { SecretVersion } from '../../core/secret/secret-version.js';
import type { ChangeListener } from '../../core/source/change-listener.js';
import { entryOrError } from '../../core/source/each-entry.js';
import { isAskedFor } from '../../core/source/is-asked-for.js';
import type { ReadContext, Unsubscribe } from '../../core/source/secret-source.js';
import { unlessAborted } from '../../core/source/unless-aborted.js';
import type { FileSecretsReader, WatchedEntries } from '../watch/index.js';
import { errorCode, fileFault, symlinkChain, textOfFile, versionsOf, WatchGroup } from '../watch/index.js';
import type { DirectorySettings } from './directory.options.js';
import { DIRECTORY } from './directory.options.js';
import { Mount } from './mount.js';

type Found = Map<string, SecretVersion | SecretError>;

/** The state of a folder that is absent, and may be. */
const ABSENT = 'absent';

/** The files of a folder and of those below it, each a secret, read again at each reading, and watched. Nothing is ever written. */
export class DirectorySecrets implements FileSecretsReader {
  readonly #mount: Mount;
  readonly #settings: DirectorySettings;
  readonly #watches: WatchGroup;
  /** Versions as last read, not values; as many as the folder has files. */
  readonly #known = new Map<string, string>();
  #knowsAll = false;

  constructor(settings: DirectorySettings) {
    this.#mount = new Mount(settings.path);
    this.#settings = settings;
    this.#watches = new WatchGroup(
      {
        entries: () => this.#entries(),
        state: () => this.#unlessAbsent(this.#mount.state(), ABSENT),
        versions: async () => versionsOf(await this.#load(undefined)),
      },
      settings.watching,
    );
  }

  /** An error in the answer concerns its own file: a link that leads out of the folder, one that may not be read, one that is too large. */
  async read(names: readonly string[], context: ReadContext): Promise<Found> {
    const refused: Found = new Map();
    const found = await this.#read(usableNames(names, anyRules, refused, { sourceKind: DIRECTORY }), context);
    for (const [name, secret] of found) {
      if (!isSecretError(secret) && !isAskedFor(name, secret, context)) found.delete(name);
    }
    return new Map([...refused, ...found]);
  }

  readAll(context: ReadContext): Promise<Found> {
    return this.#read(undefined, context);
  }

  async exists(name: string, context: ReadContext): Promise<boolean> {
    return mayExist(name, anyRules, { sourceKind: DIRECTORY }) && (await this.#names(context)).includes(name);
  }

  async list(prefix: string | undefined, context: ReadContext): Promise<readonly string[]> {
    return (await this.#names(context)).filter((name) => name.startsWith(prefix ?? ''));
  }

  /** Tells the names whose contents have changed, came or went: all at once for all that changed at once. */
  watch(onChange: ChangeListener): Unsubscribe {
    return this.#watches.subscribe({ versions: this.#known, complete: this.#knowsAll }, onChange);
  }

  close(): Promise<void> {
    this.#watches.stop();
    return Promise.resolve();
  }

  #names({ signal }: ReadContext): Promise<readonly string[]> {
    signal.throwIfAborted();
    return unlessAborted(this.#located(this.#unlessAbsent(this.#mount.names(), [])), signal);
  }

  async #read(names: readonly string[] | undefined, { signal }: ReadContext): Promise<Found> {
    signal.throwIfAborted();
    const found = await unlessAborted(this.#load(names, signal), signal);
    this.#knowsAll ||= names === undefined;
    for (const name of names ?? this.#known.keys()) this.#known.delete(name);
    const versions = versionsOf(found);
    for (const [name, version] of versions) this.#known.set(name, version);
    this.#watches.onRead(versions);
    return found;
  }

  async #load(names: readonly string[] | undefined, signal?: AbortSignal): Promise<Found> {
    const reading = this.#mount.files(names, { maxBytes: this.#settings.maxBytes, signal });
    const files = await this.#located(this.#unlessAbsent(reading, new Map<string, never>()));
    const found: Found = new Map();
    for (const [name, file] of files) {
      if (isSecretError(file)) found.set(name, file.located({ secretName: name }));
      else
        found.set(
          name,
          entryOrError(name, () => SecretVersion.of(this.#valueOf(file))),
        );
    }
    return found;
  }

  #valueOf(bytes: Uint8Array): SecretValue {
    const { trim, json } = this.#settings;
    const value = textOfFile(bytes, { trim });
    return json ? withJsonParsed(value) : value;
  }

  async #entries(): Promise<WatchedEntries> {
    const folders = new Map<string, ReadonlySet<string> | undefined>(await symlinkChain(this.#mount.path));
    // The mount itself also while it is not there.
    const within = await this.#mount.folders().catch(() => [this.#mount.path]);
    for (const folder of within) folders.set(folder, undefined);
    return folders;
  }

  /** A folder that may be absent holds nothing then. */
  #unlessAbsent<T, N>(work: Promise<T>, nothing: N): Promise<T | N> {
    return work.catch((error: unknown) => {
      if (this.#settings.optional && errorCode(error) === 'ENOENT') return nothing;
      throw error;
    });
  }

  /** What fails as a whole fails for the folder. */
  #located<T>(work: Promise<T>): Promise<T> {
    return work.catch((error: unknown) => {
      const foreign = !isSecretError(error) && !(error instanceof Error && error.name === 'AbortError');
      throw foreign ? fileFault(this.#mount.path, error) : error;
    });
  }

  static {
    hideInOutput(DirectorySecrets.prototype, () => '[secrets directory]');
  }
}
