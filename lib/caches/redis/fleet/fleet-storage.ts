/** An entry as it is stored: what orders it, and the sealed rest. */
export interface StoredPut {
  /** Under the first key of the ring, then under the others, where it may be yet. */
  readonly ids: readonly string[];
  readonly fence: number | undefined;
  readonly at: number;
  /** Milliseconds. */
  readonly lives: number;
  readonly sealed: string;
}

/** Goes to all who listen on the channel, numbered by the storage. */
export interface Note {
  readonly channel: string;
  readonly message: string;
}

export interface TurnRequest {
  /** Of what is to be read, one each. */
  readonly turns: readonly string[];
  /** Heads that entries are known to have; undefined for whatever there is. Where one has another the turn is refused: somebody has just read it. */
  readonly known: readonly { readonly id: string; readonly head: string | undefined }[];
  readonly holder: string;
  /** Milliseconds. */
  readonly lease: number;
  /** The fence is higher than this one. */
  readonly seen: number;
  /** Whoever has it. */
  readonly isForced: boolean;
}

export type TurnAnswer =
  | { readonly type: 'won'; readonly fence: number }
  /** Milliseconds until it ends where its holder does not extend it. */
  | { readonly type: 'held'; readonly left: number }
  | { readonly type: 'newer' };

export interface FleetCount {
  /** Each that is given from now on is higher, and none was before. */
  readonly fence: number;
  /** Of the last note on each channel. */
  readonly numbers: readonly number[];
}

export interface NoteListener {
  heard(channel: string, number: number, message: string): void;
  /** Also at the first time. */
  up(): void;
  down(cause: unknown): void;
}

export interface Listening {
  /** Whether it says each time that it does not hear. */
  readonly isCertain: boolean;
  /** Tries again where it is down; called from time to time. */
  ensure(): void;
  end(): void;
}

/** Who asks the source, as the storage says it for all. Every method rejects where it can't be reached. */
export interface TurnStorage {
  take(request: TurnRequest): Promise<TurnAnswer>;
  /** Gives how many this holder has yet. */
  extend(turns: readonly string[], holder: string, lease: number): Promise<number>;
  release(turns: readonly string[], holder: string): Promise<void>;
}

/**
 * What a fleet shares, by ids that tell nothing. Each call is one step for all who share it: what it compares and what it writes can't come apart. Every
 * method rejects where the storage can't be reached.
 */
export interface FleetStorage extends TurnStorage {
  /** What is stored (`fence at sealed`), empty where nothing is. */
  get(ids: readonly string[]): Promise<readonly string[]>;
  /** Keeps each but where what is stored is newer, and tells the channel if any was kept. Gives which were. */
  put(puts: readonly StoredPut[], note: Note): Promise<readonly boolean[]>;
  remove(ids: readonly string[], note: Note): Promise<void>;
  /** Removes what can't be opened, unless it is another by now. */
  drop(id: string, stored: string): Promise<void>;
  tell(note: Note): Promise<void>;
  count(channels: readonly string[]): Promise<FleetCount>;
  listen(channels: readonly string[], listener: NoteListener): Listening;
}
