import type { LoggerService } from '@nestjs/common';

type Level = 'log' | 'error' | 'warn' | 'debug' | 'verbose' | 'fatal';

/** A Nest logger that keeps what it is told. */
export class CapturedLogger implements LoggerService {
  readonly lines: string[] = [];
  readonly #levels: Level[] = [];
  log = this.#adding('log');
  error = this.#adding('error');
  warn = this.#adding('warn');
  debug = this.#adding('debug');
  verbose = this.#adding('verbose');
  fatal = this.#adding('fatal');

  get text(): string {
    return this.lines.join('\n');
  }

  /** Lines of these levels, of this package alone where Nest says who speaks. */
  at(...levels: Level[]): string[] {
    const own = / (HcpVaultModule)$/;
    const foreign = / (NestFactory|InstanceLoader|NestApplication|RoutesResolver|RouterExplorer|ExceptionHandler)$/;
    return this.lines
      .filter((line, index) => levels.includes(this.#levels[index]!) && !foreign.test(line))
      .map((line) => line.replace(own, ''));
  }

  #adding(level: Level): (...parts: unknown[]) => void {
    return (...parts) => {
      this.lines.push(parts.map(String).join(' '));
      this.#levels.push(level);
    };
  }
}
