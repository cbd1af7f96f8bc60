/** What the emulator sends: a status and a JSON body. */
export interface Answer {
  readonly status: number;
  readonly body: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The gRPC codes that come up, with the HTTP status that grpc-gateway gives them. */
const CODES: ReadonlyMap<number, readonly [status: number, message: string]> = new Map([
  [3, [400, 'invalid argument']],
  [4, [504, 'deadline exceeded']],
  [5, [404, 'not found']],
  [6, [409, 'already exists']],
  [7, [403, 'permission denied']],
  [8, [429, 'resource exhausted']],
  [9, [400, 'failed precondition']],
  [12, [501, 'not implemented']],
  [13, [500, 'internal error']],
  [14, [503, 'service unavailable']],
  [16, [401, 'unauthenticated']],
]);

/** The HTTP status of a gRPC code; 500 for codes without one of their own. */
export function statusOfCode(code: number): number {
  return CODES.get(code)?.[0] ?? 500;
}

/** The gRPC code that an HTTP status most likely stands for; 2 (unknown) where there is none. */
export function codeOfStatus(status: number): number {
  for (const [code, [known]] of CODES) if (known === status) return code;
  return status >= 500 ? 13 : 2;
}

/** An error in the shape of `google.rpc.Status`. */
export function rpcAnswer(status: number, code: number, message?: string, headers?: Record<string, string>): Answer {
  const body = { code, message: message ?? CODES.get(code)?.[1] ?? 'error', details: [] };
  return { status, body, ...(headers && { headers }) };
}

/** Thrown inside the emulator to end a call. Its message goes to the client, so it never holds a value. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }

  static invalid = (message: string): RpcError => new RpcError(3, message);
  static notFound = (what: string): RpcError => new RpcError(5, `${what} not found`);
  static exists = (what: string): RpcError => new RpcError(6, `${what} already exists`);
  static precondition = (message: string): RpcError => new RpcError(9, message);

  toAnswer(): Answer {
    return rpcAnswer(statusOfCode(this.code), this.code, this.message);
  }
}
