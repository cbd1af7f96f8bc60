/** What is kept of an error that is not ours: never the object, its message or its stack, which may quote a body or a token. */
export interface ForeignCause {
  readonly name: string;
  readonly code?: string | number;
  readonly status?: number;
}

/** `PrismaClientInitializationError`, `28P01`, `UNABLE_TO_GET_ISSUER_CERT_LOCALLY`: what is longer, or holds anything else, may be a value. */
const IDENTIFIER = /^[A-Za-z0-9_.-]{1,48}$/;

const identifier = (value: unknown): string | undefined =>
  typeof value === 'string' && IDENTIFIER.test(value) ? value : undefined;

/** Of anything that was thrown; undefined where it has none, or its getter throws. */
export function property(error: unknown, key: string): unknown {
  try {
    return (error as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}

/** Copies name, code and status out of anything that was thrown. Errors whose only news is in `cause` (fetch, undici) give the innermost code. */
export function foreignCause(error: unknown): ForeignCause | undefined {
  if (error === undefined || error === null) return undefined;
  if (typeof error !== 'object') return { name: typeof error };
  const name = identifier(property(error, 'name')) ?? 'Error';
  const rawCode = property(error, 'code');
  const code =
    typeof rawCode === 'number'
      ? rawCode
      : (identifier(rawCode) ?? identifier(property(property(error, 'cause'), 'code')));
  const rawStatus = property(error, 'status') ?? property(error, 'statusCode');
  const status = typeof rawStatus === 'number' ? rawStatus : undefined;
  return { name, ...(code !== undefined && { code }), ...(status !== undefined && { status }) };
}
