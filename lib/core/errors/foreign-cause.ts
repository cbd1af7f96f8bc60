/** What is kept of an error that is not ours: never the object, its message or its stack, which may quote a body or a token. */
export interface ForeignCause {
  readonly name: string;
  readonly code?: string | number;
  readonly status?: number;
}

const IDENTIFIER = /^[A-Za-z_$][\w$.:-]{0,79}$/;

const identifier = (value: unknown): string | undefined =>
  typeof value === 'string' && IDENTIFIER.test(value) ? value : undefined;

function property(error: object, key: string): unknown {
  try {
    return (error as Record<string, unknown>)[key];
  } catch {
    return undefined; // a getter of a foreign object may throw
  }
}

/** Copies name, code and status out of anything that was thrown. Errors whose only news is in `cause` (fetch, undici) give the innermost code. */
export function foreignCause(error: unknown): ForeignCause | undefined {
  if (error === undefined || error === null) return undefined;
  if (typeof error !== 'object') return { name: typeof error };
  const name = identifier(property(error, 'name')) ?? 'Error';
  const rawCode = property(error, 'code');
  const inner = property(error, 'cause');
  const code =
    typeof rawCode === 'number'
      ? rawCode
      : (identifier(rawCode) ?? (inner && typeof inner === 'object' ? identifier(property(inner, 'code')) : undefined));
  const rawStatus = property(error, 'status') ?? property(error, 'statusCode');
  const status = typeof rawStatus === 'number' ? rawStatus : undefined;
  return { name, ...(code !== undefined && { code }), ...(status !== undefined && { status }) };
}
