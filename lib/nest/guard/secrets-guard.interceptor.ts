import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Inject, Injectable, StreamableFile } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { catchError, map, throwError } from 'rxjs';
import { SecretConfigurationError } from '../../core/errors/index.js';
import type { MakeMasking } from '../../core/guard/make-masking.js';
import { maskings } from '../../core/guard/make-masking.js';
import { maskedCopy } from '../../core/guard/masked-copy.js';
import type { WritableResponse } from '../../core/guard/masked-response.js';
import { guardResponse } from '../../core/guard/masked-response.js';
import type { Masking } from '../../core/guard/masking.js';
import { SecretsGuard } from '../../core/guard/secrets-guard.js';
import { hideInOutput } from '../../core/redaction.js';

/** The response of Express, or Fastify's, which has Node's in `raw`. */
interface PlatformResponse {
  readonly raw?: WritableResponse;
  readonly write?: unknown;
  readonly headersSent?: boolean;
  getHeaders?(): Readonly<Record<string, unknown>>;
  removeHeader?(name: string): unknown;
  setHeader?(name: string, value: unknown): unknown;
  header?(name: string, value: unknown): unknown;
}

/**
 * Masks secrets in what handlers answer with: bodies, headers, files, streams, events, and errors. Register it first, so that it sees last what is sent.
 *
 * It is an oracle: who can have a handler echo what he sends learns by `[secret NAME]` that he has guessed a value. Random values of 8 characters and more
 * can't be guessed; passwords that people chose can, so leave those to `except`, or don't use it where foreigners ask.
 */
@Injectable()
export class SecretsGuardInterceptor implements NestInterceptor {
  readonly #makeMasking: MakeMasking;

  /** Throws SecretConfigurationError for what is not a guard. */
  constructor(@Inject(SecretsGuard) guard: SecretsGuard) {
    const makeMasking = typeof guard === 'object' && guard !== null ? maskings.get(guard) : undefined;
    if (!makeMasking) throw new SecretConfigurationError('SecretsGuardInterceptor takes what secretsGuard() gives.');
    this.#makeMasking = makeMasking;
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const from = `${context.getClass().name}.${context.getHandler().name}`;
    const masking = this.#makeMasking('response', from);
    const response = context.getType() === 'http' ? context.switchToHttp().getResponse<PlatformResponse>() : undefined;
    const written = response?.raw ?? response;
    if (typeof written?.write === 'function') guardResponse(written as WritableResponse, masking);
    return next.handle().pipe(
      map((body: unknown) => {
        if (response && !response.headersSent) maskHeaders(response, masking);
        return isStream(body) ? body : maskedCopy(body, masking);
      }),
      catchError((error: unknown) => {
        const errors = this.#makeMasking('response-error', from);
        return throwError(() => maskedCopy(error, errors));
      }),
    );
  }

  static {
    hideInOutput(SecretsGuardInterceptor.prototype, () => '[secrets guard]');
  }
}

/** What is sent piece by piece is masked as it is written. */
const isStream = (body: unknown): boolean =>
  body instanceof StreamableFile || typeof (body as { pipe?: unknown } | null | undefined)?.pipe === 'function';

function maskHeaders(response: PlatformResponse, masking: Masking): void {
  const set = (response.setHeader ?? response.header)?.bind(response);
  for (const [name, value] of Object.entries(response.getHeaders?.() ?? {})) {
    const masked = maskedCopy(value, masking);
    if (masked === value || !set) continue;
    response.removeHeader?.(name); // Fastify adds to the cookies that there are
    set(name, masked);
  }
}
