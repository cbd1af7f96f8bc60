import { IncomingMessage } from 'node:http';
import { pipeline, Transform, type Readable } from 'node:stream';
import type { SecretError } from '../../../core/errors/index.js';
import { SecretConfigurationError, SecretSourceUnavailableError } from '../../../core/errors/index.js';
import { parseBaseUrl, refuseInsecure } from '../../http/index.js';
import type { AwsSdkClient } from './aws.options.js';
import type { RequestAttempts } from './request-attempts.js';

export interface RequestGuardOptions {
  readonly sourceKind: string;
  /** How users know the endpoint, for errors. */
  readonly endpointOption: string;
  readonly allowInsecure?: boolean | undefined;
  /** False for a client that was handed in: what its agent thinks of certificates is not ours to know. */
  readonly judgesTls: boolean;
  /** Told of what `allowInsecure` permits. */
  readonly warn: (reason: string) => void;
}

/** A request as the SDK is about to send it. */
interface WireRequest {
  readonly protocol?: string;
  readonly hostname?: string;
  readonly port?: number;
}
interface WireResponse {
  body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}
type Next = (args: { request?: WireRequest }) => Promise<{ response?: WireResponse }>;
export interface Middlewares {
  add(middleware: (next: Next) => Next, options: object): void;
}

/** Twenty of the largest secrets in the longest spelling of JSON are half as much. */
export const LARGEST_ANSWER = 16 * 1024 * 1024;
/** Next to the wire, so that it sees where a request really goes: the SDK finds some endpoints (a profile’s `endpoint_url`) only at the first request. */
const PLACE = { step: 'deserialize', priority: 'low', name: 'nestjsHcpVaultRequestGuard', override: true };
const REFUSED = 'refused by nestjs-hcp-vault';
/** Only for the SDK, which writes into errors that pass through it, the whole answer among others. */
export const refused = (): Error => new Error(REFUSED);

/** True for what stands for an error of ours on its way through the SDK, which adds words of its own. */
export const isRefusal = (error: unknown): boolean => error instanceof Error && error.message.startsWith(REFUSED);

/** Holds what the AWS SDK sends and gets to what our own transport holds to: where it goes, and how much comes back. */
export class RequestGuard {
  readonly #permitted = new Set<string>();

  constructor(private readonly options: RequestGuardOptions) {}

  /** A client each of whose requests is looked at; the one that is given stays as it is. Rejects with our own errors for what is refused. */
  over<C extends AwsSdkClient>(client: C, attempts?: RequestAttempts): Pick<C, 'send'> {
    const send = async (command: { middlewareStack?: Middlewares }, options?: never): Promise<unknown> => {
      let refusal: SecretError | undefined;
      const refuse = (error: SecretError): Error => {
        refusal = error;
        return refused();
      };
      if (command.middlewareStack) attempts?.add(command.middlewareStack, refuse);
      command.middlewareStack?.add(this.#middleware(refuse), PLACE);
      try {
        return await client.send(command as never, options);
      } catch (error) {
        throw refusal ?? error;
      }
    };
    return { send };
  }

  /** The same for a client that the SDK makes itself. @param refuse gets what is refused; the SDK’s own error then tells nothing. */
  plugin(refuse: (error: SecretError) => void): { applyToStack(stack: Middlewares): void } {
    const told = (error: SecretError): Error => {
      refuse(error);
      return refused();
    };
    return { applyToStack: (stack) => stack.add(this.#middleware(told), PLACE) };
  }

  #middleware(refuse: (error: SecretError) => Error): (next: Next) => Next {
    return (next) => async (args) => {
      const refusal = this.#refusalOf(args.request ?? {});
      if (refusal) throw refuse(refusal);
      const result = await next(args);
      const { response } = result;
      if (response) response.body = bounded(response, () => refuse(this.#tooLarge()));
      return result;
    };
  }

  #refusalOf({ protocol = '', hostname = '', port }: WireRequest): SecretError | undefined {
    const { sourceKind, endpointOption: urlOption, allowInsecure, judgesTls, warn } = this.options;
    const host = hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname;
    const origin = `${protocol}//${host}${port === undefined ? '' : `:${port}`}`;
    const verify = !judgesTls || process.env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0';
    const permission = `${origin} ${verify}`;
    if (this.#permitted.has(permission)) return undefined;
    try {
      const base = parseBaseUrl(origin, urlOption, sourceKind);
      refuseInsecure(base, verify, { urlOption, sourceKind, allowInsecure, warn });
    } catch (error) {
      return this.#explained(error as SecretError, verify);
    }
    this.#permitted.add(permission);
    return undefined;
  }

  #explained(error: SecretError, verify: boolean): SecretError {
    if (verify) return error;
    const advice =
      'NODE_TLS_REJECT_UNAUTHORIZED=0 switches the check off: unset it, and name your own CA in NODE_EXTRA_CA_CERTS.';
    return new SecretConfigurationError(error.reason, { sourceKind: this.options.sourceKind, advice });
  }

  #tooLarge(): SecretError {
    return new SecretSourceUnavailableError(`the answer is larger than ${LARGEST_ANSWER / 1024 / 1024} MiB.`, {
      sourceKind: this.options.sourceKind,
      advice: 'AWS gives no such answers: see what answers in its place.',
    });
  }
}

/** The body, which fails where there is more of it than an answer may have. */
function bounded({ body, headers }: WireResponse, exceeded: () => Error): unknown {
  if (typeof body !== 'object' || body === null) return body;
  if (Number(headers?.['content-length']) > LARGEST_ANSWER) {
    (body as Partial<Readable>).destroy?.();
    throw exceeded();
  }
  // Node's parser takes no more than the length that was told, which AWS tells; counting costs as much as the rest of an attempt of ours.
  if (body instanceof IncomingMessage && body.headers['content-length'] !== undefined) return body;
  let left = LARGEST_ANSWER;
  const isOver = (chunk: { readonly length: number }): boolean => (left -= chunk.length) < 0;
  if ('pipe' in body) {
    const counted = new Transform({
      transform: (chunk: Buffer, _, done) => (isOver(chunk) ? done(exceeded()) : done(null, chunk)),
    });
    return pipeline(body as Readable, counted, () => undefined);
  }
  if (!(body instanceof ReadableStream)) return body;
  const counting = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      if (isOver(chunk)) controller.error(exceeded());
      else controller.enqueue(chunk);
    },
  });
  return (body as ReadableStream<Uint8Array>).pipeThrough(counting);
}
