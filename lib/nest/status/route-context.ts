import type { ContextType, ExecutionContext, Type } from '@nestjs/common';

/** A request as guards are shown it. */
export class RouteContext implements ExecutionContext {
  readonly #arguments: readonly [request: unknown, response: unknown, next: () => void];

  constructor(
    private readonly owner: Type,
    private readonly handler: () => void,
    request: unknown,
    response: unknown,
  ) {
    this.#arguments = [request, response, () => undefined];
  }

  getClass<T>(): Type<T> {
    return this.owner as Type<T>;
  }

  getHandler(): () => void {
    return this.handler;
  }

  getArgs<T extends unknown[]>(): T {
    return [...this.#arguments] as unknown as T;
  }

  getArgByIndex<T>(index: number): T {
    return this.#arguments[index] as T;
  }

  getType<T extends string = ContextType>(): T {
    return 'http' as T;
  }

  switchToHttp(): ReturnType<ExecutionContext['switchToHttp']> {
    const [request, response, next] = this.#arguments;
    return { getRequest: () => request as never, getResponse: () => response as never, getNext: () => next as never };
  }

  switchToRpc(): never {
    throw new TypeError('A status page is asked by HTTP.');
  }

  switchToWs(): never {
    throw new TypeError('A status page is asked by HTTP.');
  }
}
