import { Lease } from '../secret/lease.js';
import { isBytes, type SecretValue } from '../secret/secret-value.js';
import { SecretVersion } from '../secret/secret-version.js';

interface Kept {
  /** When the source answered, in milliseconds since 1970, by the clock of the machine that asked. */
  readonly at: number;
  /** Of the turn in which it was read (see `Turn`): grows with each; what has a lower one is older, whatever the clocks say. */
  readonly fence?: number | undefined;
}

/** A value as the source gave it, before schema and hook. */
export interface ValueEntry extends Kept {
  readonly kind: 'value';
  readonly given: SecretVersion;
  /** When the lease ends, in milliseconds since 1970; only of dynamic secrets. */
  readonly endsAt?: number | undefined;
}

/** The source has no such secret any more (`gone`), or refuses it (`denied`): a value from before must not be served from a cache. */
export interface RefusalEntry extends Kept {
  readonly kind: 'gone' | 'denied';
  /** In the words of the error, which hold no value. */
  readonly reason: string;
}

/** What the source enumerated. */
export interface ListingEntry extends Kept {
  readonly kind: 'listing';
  readonly names: readonly string[];
}

export type SharedEntry = ValueEntry | RefusalEntry | ListingEntry;

/**
 * True where `next` may take the place of `stored`: what is as old may, so that a put may be repeated. What was read out of turn takes the place of nothing
 * that was read in turn: clocks of two machines say nothing of which is newer.
 */
export function isAsNew(next: Kept, stored: Kept): boolean {
  const [a, b] = [next.fence, stored.fence];
  if (a === undefined && b !== undefined) return false;
  return a !== undefined && b !== undefined && a !== b ? a > b : next.at >= stored.at;
}

interface Header {
  readonly kind: SharedEntry['kind'];
  readonly at: number;
  readonly fence?: number | undefined;
  readonly reason?: string;
  /** Of the body. */
  readonly type?: 'text' | 'bytes' | 'json';
  /** Only the source's own word: what one process calls a state means nothing to another. */
  readonly version?: string | undefined;
  readonly createdAt?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly lease?: { readonly id?: string | undefined; readonly duration: number; readonly renewable: boolean };
  readonly endsAt?: number | undefined;
}

/** An entry as bytes, to be sealed: 4 bytes with the length of the header, the header as JSON, the value. */
export function encodeEntry(entry: SharedEntry): Buffer {
  const { kind, at, fence } = entry;
  if (entry.kind === 'listing') {
    return framed({ kind, at, fence, type: 'json' }, Buffer.from(JSON.stringify(entry.names)));
  }
  if (entry.kind !== 'value') return framed({ kind, at, fence, reason: entry.reason });
  const { given, endsAt } = entry;
  const { value, createdAt, expiresAt, lease } = given;
  const [type, body] = bodyOf(value);
  const version = given.versionKind === 'source' ? given.version : undefined;
  const dates = { createdAt: createdAt?.getTime(), expiresAt: expiresAt?.getTime() };
  const leased = lease && { lease: { id: lease.id, duration: lease.duration, renewable: lease.renewable } };
  return framed({ kind, at, fence, type, version, ...dates, ...leased, endsAt }, body);
}

/** Undefined for what this release does not understand. It has been authenticated: only our own kind can have written it. */
export function decodeEntry(bytes: Buffer): SharedEntry | undefined {
  try {
    return decoded(bytes);
  } catch {
    return undefined;
  }
}

function decoded(bytes: Buffer): SharedEntry | undefined {
  const start = 4 + bytes.readUInt32BE(0);
  const header = JSON.parse(bytes.toString('utf8', 4, start)) as Header;
  const body = bytes.subarray(start);
  const { kind, at, fence } = header;
  if (!Number.isFinite(at) || (fence !== undefined && !Number.isFinite(fence))) return undefined;
  const kept = { at, ...(fence !== undefined && { fence }) };
  if (kind === 'gone' || kind === 'denied') return { kind, ...kept, reason: String(header.reason) };
  if (kind === 'listing') return { kind, ...kept, names: (JSON.parse(body.toString('utf8')) as unknown[]).map(String) };
  const value = valueOf(header.type, body);
  if (kind !== 'value' || value === undefined) return undefined;
  const { version, lease, endsAt } = header;
  if ((lease === undefined) !== (endsAt === undefined)) return undefined;
  const given = SecretVersion.of(value, {
    version,
    createdAt: dateOf(header.createdAt),
    expiresAt: dateOf(header.expiresAt),
    lease: lease && Lease.of(lease),
  });
  return { kind, ...kept, given, ...(endsAt !== undefined && { endsAt }) };
}

function framed(header: Header, body: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.from(JSON.stringify(header), 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(head.byteLength);
  return Buffer.concat([length, head, body]);
}

function bodyOf(value: SecretValue): [NonNullable<Header['type']>, Buffer] {
  if (typeof value === 'string') return ['text', Buffer.from(value, 'utf16le')]; // lone surrogates are text, too
  if (isBytes(value)) return ['bytes', Buffer.from(value)];
  return ['json', Buffer.from(JSON.stringify(value), 'utf8')];
}

function valueOf(type: Header['type'], body: Buffer): SecretValue | undefined {
  if (type === 'text') return body.toString('utf16le');
  if (type === 'bytes') return Uint8Array.from(body);
  return type === 'json' ? (JSON.parse(body.toString('utf8')) as SecretValue) : undefined;
}

const dateOf = (time: number | undefined): Date | undefined => (time === undefined ? undefined : new Date(time));
