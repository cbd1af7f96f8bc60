import type { CanActivate, Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { ContextIdFactory } from '@nestjs/core';
import { createHash, timingSafeEqual } from 'node:crypto';
import { isObservable, lastValueFrom } from 'rxjs';
import { foreignLabel } from '../../core/errors/foreign-text.js';
import { hideInOutput } from '../../core/redaction.js';
import type { SecretLogger } from '../../core/refresh/connection-log.js';
import type { PlatformRequest, PlatformResponse } from './platform.js';
import { nodeRequest } from './platform.js';
import { RouteContext } from './route-context.js';
import type { SealedToken, StatusAccess, StatusGuard } from './status-options.js';

/** Who asks is let in, or is answered with this status. */
export type Admission = { readonly isIn: true } | { readonly isIn: false; readonly status: number };

const IN: Admission = { isIn: true };
const refused = (status: number): Admission => ({ isIn: false, status });

/** Failures that are told: what an error is called may come out of a request, and whoever asks would fill the log. */
const MOST_TOLD = 20;

/** Guards ask for the class and the method of a route, for what stands there by decorators: there is nothing. */
class StatusPage {}
const show = (): void => undefined;

/** Says who is let in. Never throws; what fails lets nobody in. */
export class Doorkeeper {
  readonly #access: StatusAccess;
  readonly #modules: ModuleRef;
  readonly #logger: SecretLogger;
  readonly #made = new Map<Type<CanActivate>, Promise<CanActivate>>();
  readonly #told = new Set<string>();

  constructor(access: StatusAccess, modules: ModuleRef, logger: SecretLogger) {
    this.#access = access;
    this.#modules = modules;
    this.#logger = logger;
  }

  get kind(): StatusAccess['kind'] {
    return this.#access.kind;
  }

  async admit(request: PlatformRequest, response: PlatformResponse): Promise<Admission> {
    const access = this.#access;
    try {
      if (access.kind === 'open') return IN;
      if (access.kind === 'token') return this.#byToken(access.token, nodeRequest(request).headers.authorization);
      const context = new RouteContext(StatusPage, show, request, response);
      for (const guard of access.guards) {
        const instance = await this.#instanceOf(guard, request);
        const answer = await instance.canActivate(context);
        if ((isObservable(answer) ? await lastValueFrom(answer) : answer) !== true) return refused(403);
      }
      return IN;
    } catch (error) {
      return refused(this.#statusOf(error));
    }
  }

  #byToken(given: SealedToken, header: string | undefined): Admission {
    const token = given.current();
    if (token === undefined) {
      this.#tellOnce('The status page lets nobody in: what `token` gives is not a string of at least 16 characters.');
      return refused(503);
    }
    const [, asked = ''] = /^Bearer +(\S+) *$/i.exec(header ?? '') ?? [];
    return timingSafeEqual(digest(asked), digest(token)) ? IN : refused(401);
  }

  /** The app's own instance, where it has one. */
  async #instanceOf(guard: StatusGuard, request: object): Promise<CanActivate> {
    if (typeof guard !== 'function') return guard;
    if (!this.#isScoped(guard)) return this.#made.get(guard) ?? this.#make(guard);
    const context = ContextIdFactory.getByRequest(request as Parameters<typeof ContextIdFactory.getByRequest>[0]);
    this.#modules.registerRequestByContextId(request, context);
    return this.#modules.resolve(guard, context, { strict: false });
  }

  #isScoped(guard: Type<CanActivate>): boolean {
    try {
      this.#modules.get(guard, { strict: false });
      return false;
    } catch (error) {
      return (error as { constructor?: { name?: unknown } } | null)?.constructor?.name === 'InvalidClassScopeException';
    }
  }

  #make(guard: Type<CanActivate>): Promise<CanActivate> {
    const making = (async () => {
      try {
        return this.#modules.get<CanActivate>(guard, { strict: false });
      } catch {
        return this.#modules.create(guard);
      }
    })();
    this.#made.set(guard, making);
    return making;
  }

  /** That of an exception of Nest's, as guards throw them; its text is not handed on. */
  #statusOf(error: unknown): number {
    const { getStatus } = (error ?? {}) as { getStatus?: () => unknown };
    const status: unknown = typeof getStatus === 'function' ? getStatus.call(error) : undefined;
    if (typeof status === 'number' && status >= 400 && status < 600) return status;
    this.#tellOnce(`The status page lets nobody in: its ${this.kind} fails with ${foreignLabel(error)}.`);
    return 500;
  }

  #tellOnce(message: string): void {
    if (this.#told.has(message) || this.#told.size === MOST_TOLD) return;
    this.#told.add(message);
    this.#logger.error(message);
  }

  static {
    hideInOutput(Doorkeeper.prototype, () => '[secrets status page]');
  }
}

/** Of one length whatever was sent, so that the comparison takes one time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
