/** Characters of a name, an ARN, a path or a version: twice what any backend takes. Sources look for them with patterns, and other processes are told them. */
const LONGEST = 4_096;

/** A secret of which something has been announced, by any of its names. */
export interface Announcement {
  readonly name: string;
  readonly version?: string;
}

/** What a list of changes says; an undefined entry is none. */
export function announcementsOf(changes: unknown): readonly (Announcement | undefined)[] {
  try {
    return Array.isArray(changes)
      ? Array.from<unknown, Announcement | undefined>(changes, announcementOf)
      : [undefined];
  } catch {
    return [undefined];
  }
}

/** What an entry of an announcement says; undefined where it is none, or throws when it is looked at. */
function announcementOf(change: unknown): Announcement | undefined {
  try {
    return read(change);
  } catch {
    return undefined;
  }
}

function read(change: unknown): Announcement | undefined {
  if (isTerm(change)) return { name: change };
  if (typeof change !== 'object' || change === null) return undefined;
  const { name, version } = change as { name?: unknown; version?: unknown };
  if (!isTerm(name) || (version !== undefined && !isTerm(version))) return undefined;
  return version === undefined ? { name } : { name, version };
}

const isTerm = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST;
