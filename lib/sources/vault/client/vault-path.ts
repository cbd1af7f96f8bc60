import type { NameRules } from '../../../core/secret/secret-name.js';
import { nameFault } from '../../../core/secret/secret-name.js';
import { VaultInvalidRequestError } from './vault.errors.js';

/** A path below `/v1/`, checked and encoded: nothing that a caller put in reaches another path than the one it names. */
export class VaultPath {
  /** As it goes on the wire. */
  readonly encoded: string;
  /** As users know it, for errors. */
  readonly text: string;

  private constructor(encoded: string, text: string) {
    this.encoded = encoded;
    this.text = text;
  }

  /** From literal parts of ours and parts that come from the caller, which may hold `/` between segments, and around them. */
  static of(...parts: (string | PathSegment)[]): VaultPath {
    const texts = parts.map((part) => (part instanceof PathSegment ? part.name : withoutSlashesAround(part)));
    const path = texts.join('/');
    for (const part of parts) if (part instanceof PathSegment) part.check();
    const fault = nameFault(path, NAMES);
    if (fault) throw refused(fault.text, path);
    return new VaultPath(path.split('/').map(encodeURIComponent).join('/'), path);
  }
}

/** A name that is one segment of a path: a role, key or user with a slash would address something else. */
export class PathSegment {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }

  check(): void {
    if (typeof this.name === 'string' && this.name.includes('/')) throw refused('holds a name with a slash', this.name);
  }
}

export const segment = (name: string): PathSegment => new PathSegment(name);

/** A folder, mount or path is the same one without the slashes that people, and Vault's own lists, put around it. */
export const withoutSlashesAround = (path: string): string =>
  typeof path === 'string' ? path.replace(/^\/+|\/+$/g, '') : path;

/** Roles, keys and users among them, which may hold a backslash (`DOMAIN\\user`). */
const NAMES: NameRules = { place: 'path' };

function refused(what: string, path: string): VaultInvalidRequestError {
  return new VaultInvalidRequestError(`Vault path "${path}" ${what}: it is not sent.`, { status: 400, path });
}
