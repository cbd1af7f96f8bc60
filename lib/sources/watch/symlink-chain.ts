import { lstat, readlink } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, parse, sep } from 'node:path';

/** Real folders, and in each the entries whose change may change what a path leads to. */
export type SymlinkChain = ReadonlyMap<string, ReadonlySet<string>>;

/** As many as Linux follows. */
const MOST_LINKS = 40;

/**
 * The folders to listen at for a path: that of the file itself, that of every link on the way to it (a release folder,
 * Kubernetes' `..data`),
 * and, where the path ends early, the last folder that is there.
 */
export async function symlinkChain(path: string): Promise<SymlinkChain> {
  const chain = new Map<string, Set<string>>();
  const { root } = parse(path);
  const parts = path.slice(root.length).split(sep);
  let folder = root;
  let links = 0;
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) {
    if (part === '' || part === '.') continue;
    const entry = join(folder, part);
    const target = await followOnce(entry);
    if (target === false || target !== undefined || parts.length === 0) note(chain, entry);
    if (target === false) return chain;
    if (target === undefined) {
      folder = entry;
    } else if (++links > MOST_LINKS) {
      return chain;
    } else {
      if (isAbsolute(target)) folder = parse(target).root;
      parts.unshift(...target.split(/[\\/]/));
    }
  }
  return chain;
}

/** The same for several paths at once. */
export function joinedChains(chains: Iterable<SymlinkChain>): SymlinkChain {
  const joined = new Map<string, Set<string>>();
  for (const chain of chains) {
    for (const [folder, entries] of chain) {
      joined.set(folder, new Set([...(joined.get(folder) ?? []), ...entries]));
    }
  }
  return joined;
}

function note(chain: Map<string, Set<string>>, entry: string): void {
  const folder = dirname(entry);
  const entries = chain.get(folder) ?? new Set();
  chain.set(folder, entries.add(basename(entry)));
}

/** Where a link leads; undefined for anything else, false for what isn't there. */
async function followOnce(entry: string): Promise<string | undefined | false> {
  try {
    return (await lstat(entry)).isSymbolicLink() ? await readlink(entry) : undefined;
  } catch {
    return false;
  }
}
