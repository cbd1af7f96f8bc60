/** What names a thing rather than being a secret, so that Vault's texts stay useful where they quote it. */
const NAMES = new Set([
  'role', 'role_name', 'name', 'type', 'path', 'paths', 'prefix', 'lease_id', 'increment', 'ttl', 'max_ttl', 'period', 'policies',
  'common_name', 'alt_names', 'serial_number', 'description', 'plugin_name', 'allowed_roles', 'hash_algorithm', 'display_name',
]); // prettier-ignore
/** A shorter text would tear words apart, and is no secret worth the name. */
const SHORTEST_SECRET = 4;
const DEEPEST = 8;

/**
 * Takes out of Vault's texts what we sent in confidence: the token, and all that the body held. Vault seldom quotes a request, but plugins do
 * (a database's connection URL, an upstream's refusal), and an error ends up in logs.
 */
export class Redaction {
  readonly #body: unknown;
  readonly #token: string | undefined;

  constructor(body: unknown, token: string | undefined) {
    this.#body = body;
    this.#token = token;
  }

  apply(text: string): string {
    const secrets = [...(this.#token ? [this.#token] : []), ...leaves(this.#body)]
      .filter((secret) => secret.length >= SHORTEST_SECRET)
      .sort((a, b) => b.length - a.length);
    return secrets.reduce((left, secret) => left.replaceAll(secret, '[hidden]'), text);
  }
}

function leaves(value: unknown, key = '', depth = 0): string[] {
  if (typeof value === 'string') return NAMES.has(key) ? [] : [value];
  if (typeof value !== 'object' || value === null || depth > DEEPEST) return [];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, Array.isArray(value) ? key : name, depth + 1));
}
