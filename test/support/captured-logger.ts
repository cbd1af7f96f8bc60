import type { LoggerService } from '@nestjs/common';

/** A Nest logger that keeps what it is told. */
export class CapturedLogger implements LoggerService {
  readonly lines: string[] = [];
  readonly #add = (...parts: unknown[]): void => void this.lines.push(parts.map(String).join(' '));
  log = this.#add;
  error = this.#add;
  warn = this.#add;
  debug = this.#add;
  verbose = this.#add;
  fatal = this.#add;

  get text(): string {
    return this.lines.join('\n');
  }
}
