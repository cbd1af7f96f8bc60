import type { NameRules } from '../../../core/secret/secret-name.js';

/** How names of secrets become names at AWS, and back: a prefix goes before them; an ARN, or what begins with `/`, is taken as it stands. */
export class Names {
  constructor(readonly prefix: string) {}

  /** The name, or ARN, that AWS is asked for. */
  full(name: string): string {
    return isArn(name) || name.startsWith('/') ? name : this.prefix + name;
  }

  /** The name that `fetch` takes for one at AWS; undefined where it lies outside the prefix and can't be said. */
  short(full: string): string | undefined {
    if (this.prefix !== '' && full.startsWith(this.prefix)) {
      const rest = full.slice(this.prefix.length);
      if (rest !== '' && !rest.startsWith('/') && !isArn(rest)) return rest;
    }
    return this.prefix === '' || full.startsWith('/') ? full : undefined;
  }
}

export const isArn = (name: string): boolean => name.startsWith('arn:');

/** `app` and `app/` both mean what lies below `app/`; nothing means everything. */
export const folderOf = (path: string): string => (path === '' || path.endsWith('/') ? path : `${path}/`);

/** What is not a name of anything. Whatever else there may be is for AWS to say: names that it hardly has are kept out of batches, no more. */
export const ID_RULES: NameRules = {
  place: 'key',
  shape: { matches: (id) => id !== '', words: 'it is empty' },
};
