import type { SecretError } from '../errors/index.js';
import type { Lease } from '../secret/lease.js';
import type { SecretValue } from '../secret/secret-value.js';
import type { SecretVersion } from '../secret/secret-version.js';
import type { ChangeListener } from './change-listener.js';
import type { SourceEvent } from './source-event.js';

/** What goes with one call of a source. */
export interface ReadContext {
  /** A version or stage other than the current one, in the source’s own words. */
  readonly version?: string | undefined;
  /** What the connection calls a state that has no version of the source's; see `isAskedFor`. */
  readonly versionOf?: ((name: string, given: SecretVersion) => string) | undefined;
  /** Aborted when the time for the call is over, or the app closes. */
  readonly signal: AbortSignal;
  /**
   * A call of many requests says so after each: the time-out counts for one request, and starts again.
   * @param later milliseconds until then: for a source that waits before its next request, or ends each of them by `timeout` itself.
   */
  readonly progress?: ((later?: number) => void) | undefined;
  /**
   * Milliseconds for one attempt of one request. A source that sends a request again (a throttled one, one without an answer) ends each attempt by
   * it, and says `progress` with some more when it begins one.
   */
  readonly timeout?: number | undefined;
  /**
   * Takes answers of a reading (`read`, `readAll`, `readPath`) before it is over, so that what takes long, or fails, holds back nothing else. They are
   * given in the Map at the end too. Errors are better kept until then: what failed together is tried again together.
   */
  readonly deliver?: ((answers: ReadonlyMap<string, SecretVersion | SecretError>) => void) | undefined;
}

/** What goes with a write. */
export interface WriteContext extends ReadContext {
  /** The version that must be the current one, in the source's own words; '0' where there must be none. Only a source that says `takesCas` is given it. */
  readonly cas?: string | undefined;
  /** True where a missing one is to be created, whatever the source's options say. @default what the source's `createIfMissing` says, or its API does */
  readonly create?: boolean | undefined;
}

/** What goes with a reading of all below a path. */
export interface PathContext extends ReadContext {
  /** False where nothing in folders below the path is asked for: a source may leave it out, and what it gives of it is not used. */
  readonly recursive?: boolean | undefined;
}

export type Unsubscribe = () => void;

/** How a backend is asked for a secret, and where: for people who look for one that is missing. Holds no credential. */
export interface SecretPlace {
  /** The source's kind. */
  readonly source: string;
  /** As the backend is asked for it, e.g. `secret/prod/shop/JWT_KEY`. */
  readonly name: string;
  /** Address, region, file: e.g. `https://vault.example:8200, namespace "shop"`. */
  readonly at?: string | undefined;
  /** The requests that read it, where rights are counted by them, e.g. `GET secret/data/prod/shop/JWT_KEY`. */
  readonly asked?: readonly string[] | undefined;
}

/**
 * A backend that secrets come from. `kind` and `read` suffice; the core makes up for what is missing.
 * Methods reject with a SecretError; anything else counts as "unavailable". A holder of credentials: hide them from inspection.
 */
export interface SecretSource {
  /** Readable and stable, e.g. `hcp-vault-secrets`: stands in errors and in `status()`. */
  readonly kind: string;
  /** Milliseconds: the `maxAge` that suits this backend, where the app gives none. */
  readonly defaultMaxAge?: number | undefined;
  /** True where the whole of it (its file, document, Secret) may be absent: then that counts as "no such secret" for each name. */
  readonly optional?: boolean | undefined;
  /** False where nothing bounds what there is (a whole account): then it is never read as a whole, though it may be listed. */
  readonly isBounded?: boolean | undefined;
  /** The sources that this one is made of, and closes: one of them that another connection uses too stays open. */
  readonly parts?: readonly SecretSource[] | undefined;
  /** As few requests as the backend allows. A name absent from the answer is not found; an error in it concerns only that name. */
  read(names: readonly string[], context: ReadContext): Promise<ReadonlyMap<string, SecretVersion | SecretError>>;
  /** All that the source can enumerate within its app, prefix, path or document, without opening dynamic secrets. An error concerns only its name. */
  readAll?(context: ReadContext): Promise<ReadonlyMap<string, SecretVersion | SecretError>>;
  /** All below a path, keyed by the names that `read` takes. */
  readPath?(path: string, context: PathContext): Promise<ReadonlyMap<string, SecretVersion | SecretError>>;
  /** Never opens a dynamic secret. */
  exists?(name: string, context: ReadContext): Promise<boolean>;
  /** Names, dynamic ones too; opens none. */
  list?(prefix: string | undefined, context: ReadContext): Promise<readonly string[]>;
  write?(name: string, value: SecretValue, context: WriteContext): Promise<void>;
  /** Why no secret can be created under this name, where the rules for that are narrower than what `read` asks for. Asks nobody. */
  newNameRefusal?(name: string): SecretError | undefined;
  /** True where `write` holds `cas` against the current version, and writes nothing where that is another one. */
  readonly takesCas?: boolean | undefined;
  /** What to ask `read` for to get the version before this one; for values that are accepted beside the current one from the start. */
  previousVersion?(version: string): string | undefined;
  /** One spelling for all names of one secret (an ARN and its name are one entry). */
  canonicalName?(name: string): string;
  /** Where it looks for a secret, one place after the other: stands in the text of a start that fails. Asks nobody. */
  describe?(name: string): readonly SecretPlace[];
  /** The lease as extended; it may be shorter than asked. */
  renew?(lease: Lease, context: ReadContext): Promise<Lease>;
  revoke?(lease: Lease, context: ReadContext): Promise<void>;
  /** True where closing ends no lease, whatever `revoke` is asked for: then a shared cache that keeps credentials may keep these. */
  readonly keepsLeases?: boolean | undefined;
  /**
   * Ends a lease that was replaced, once nobody uses what it gave: handlers have run, resources have drained. Only where replaced credentials are to
   * be ended early; without it they run to their own end.
   */
  release?(lease: Lease, context: ReadContext): Promise<void>;
  /** Tells of changes at the source, until the function that comes back is called. Dynamic secrets are not opened by it. */
  watch?(onChange: ChangeListener): Unsubscribe | Promise<Unsubscribe>;
  /** Whether `watch` tells of changes of this name; of every name where it is not given. Never throws. */
  covers?(name: string): boolean;
  /** The names, as `read` takes them, that something announced (an ARN, a path, a document) stands for; none where it is not of this source. */
  namesOf?(announced: string): readonly string[];
  /** Tells what becomes of the source's own token, and what is to be known of its options (at once), until the function that comes back is called. */
  observe?(listener: (event: SourceEvent) => void): Unsubscribe;
  /**
   * The app is starting, and may fail where nobody can end anything any more: until the function that comes back is called, what a login of this
   * source obtains is kept at a short life (two minutes), so that it ends by itself. Called before the first reading.
   */
  startUp?(): () => void;
  /** Releases sockets, watchers and tokens, when the last connection that uses this object has ended. A closed source opens again on use. */
  close?(): Promise<void>;
}
