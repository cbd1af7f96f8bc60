import type { NameRules } from '../../core/secret/secret-name.js';

const SUBDOMAIN = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const KEY = /^[-._a-zA-Z0-9]{1,253}$/;

/** Names of Secrets (RFC 1123 subdomains). */
export const SECRET_RULES: NameRules = {
  place: 'segment',
  shape: {
    matches: (name) => name.length <= 253 && SUBDOMAIN.test(name),
    words:
      'names of Secrets have lower-case letters, digits, dashes and dots, 253 at most (with `document` each key of one Secret is a secret, and may have capitals and underscores)',
  },
};

/** The name of a Secret out of it, or `namespace/name`; undefined for one of another namespace. @param namespace undefined where it is not known yet. */
export function inNamespace(announced: string, namespace: string | undefined): string | undefined {
  const slash = announced.indexOf('/');
  if (slash < 0) return announced;
  return namespace === undefined || announced.slice(0, slash) === namespace ? announced.slice(slash + 1) : undefined;
}

export const isKey = (key: string): boolean => KEY.test(key) && key !== '.' && !key.startsWith('..');

/** Keys of a Secret. They go only into bodies. */
export const KEY_RULES: NameRules = {
  place: 'key',
  shape: { matches: isKey, words: 'keys of a Secret have letters, digits, dashes, underscores and dots, 253 at most' },
};
