import type { Transform } from 'node:stream';
import type { Observable } from 'rxjs';
import { runtimes } from '../client/runtimes.js';
import { toMilliseconds } from '../duration.js';
import { SecretConfigurationError } from '../errors/index.js';
import { ownOptions } from '../options/own-options.js';
import { hideInOutput } from '../redaction.js';
import type { CaughtSecret, CatchPlace } from './catches.js';
import { Catches } from './catches.js';
import type { SecretsGuardOptions } from './guard-options.js';
import { GUARD_OPTIONS } from './guard-options.js';
import { KnownValues } from './known-values.js';
import type { PinoHooks, WinstonFormat } from './logger-hooks.js';
import { pinoHooks, winstonFormat } from './logger-hooks.js';
import type { MakeMasking } from './make-masking.js';
import { maskings } from './make-masking.js';
import { maskConsole } from './masked-console.js';
import type { NestLogger } from './masked-logger.js';
import { maskedLogger } from './masked-logger.js';
import { MaskedStream } from './masked-stream.js';
import { Masking } from './masking.js';
import { Matcher } from './matcher.js';
import { maskOutput } from './process-output.js';

/** How a guard stands: numbers, and nothing of any value. */
export interface SecretsGuardStatus {
  /** Values that are masked, those replaced of late among them. */
  readonly guarded: number;
  /** Values and fields that are not: under 8 characters, common words, `engine`, `host`, `port`, `dbname`, `username`, and what `except` names. */
  readonly left: number;
  /** What was caught, by where. */
  readonly caught: Readonly<Partial<Record<CatchPlace, number>>>;
}

/** What a guard needs of a client. */
export interface GuardedClient {
  readonly connection: string;
}

/** Knows the values of one or several connections, and masks them in what an app prints. Shows none of them itself. */
export class SecretsGuard {
  readonly #matcher = new Matcher();
  readonly #catches: Catches;
  readonly #known: readonly KnownValues[];
  readonly #masking: MakeMasking;
  readonly #plain: Masking;

  /** Made by `secretsGuard`. */
  constructor(clients: readonly GuardedClient[], options: SecretsGuardOptions = {}) {
    const { except = [], keepReplaced = '1h' } = ownOptions(options, GUARD_OPTIONS, 'secretsGuard');
    const keep = toMilliseconds(keepReplaced, 'keepReplaced', 'secretsGuard');
    const names = new Set(except);
    const opened = clients.map(runtimeOf);
    this.#catches = new Catches((error) => opened[0]?.log.observerFailed(error));
    this.#masking = (place, from) => new Masking(this.#matcher, this.#catches, place, from);
    this.#plain = this.#masking('mask');
    maskings.set(this, this.#masking);
    this.#known = opened.map((runtime) => new KnownValues(runtime, this.#matcher, names, keep));
  }

  /** Every secret that was caught, as it happens: an event without any text. An observer that throws stops nothing. */
  get caught$(): Observable<CaughtSecret> {
    return this.#catches.caught$;
  }

  status(): SecretsGuardStatus {
    const sum = (count: (known: KnownValues) => number): number =>
      this.#known.reduce((total, known) => total + count(known), 0);
    return {
      guarded: sum(({ guarded }) => guarded),
      left: sum(({ left }) => left),
      caught: this.#catches.byPlace,
    };
  }

  /** The text with `[secret NAME]` in place of each value, in whatever spelling it stands there. */
  mask(text: string): string {
    return this.#plain.mask(text);
  }

  /** A stream that passes bytes on, masked, also where a value comes in several pieces. */
  stream(): Transform {
    return new MaskedStream(this.#masking('stream'));
  }

  /** A logger of Nest, masked: for `app.useLogger`, or the option `logger` of `NestFactory.create`. Objects, errors and the JSON mode are masked, too. */
  logger<T extends NestLogger>(logger: T): T {
    return maskedLogger(logger, this.#masking);
  }

  /** For `pino({ hooks })`, and `pinoHttp: { hooks }` of nestjs-pino. */
  pino(): PinoHooks {
    return pinoHooks(this.#masking);
  }

  /** For the end of winston's `format.combine(…)`. */
  winston(): WinstonFormat {
    return winstonFormat(this.#masking);
  }

  /**
   * Masks what a console prints, until the returned function is called.
   * @param target the global one, where it is not given
   */
  console(target: Console = globalThis.console): () => void {
    return maskConsole(target, this.#masking);
  }

  /**
   * Masks all that this process writes to its standard output and error by `process.stdout.write` and `process.stderr.write`, as `console` and Nest's own
   * logger do, until the returned function is called. What may become a secret is held back for up to 50 ms.
   */
  output(): () => void {
    return maskOutput(this.#masking);
  }

  /** Lets go of all values: nothing is masked any more. */
  stop(): void {
    for (const known of this.#known) known.stop();
  }

  static {
    hideInOutput(SecretsGuard.prototype, () => '[secrets guard]');
  }
}

function runtimeOf(client: GuardedClient): NonNullable<ReturnType<typeof runtimes.get>> {
  const runtime = typeof client === 'object' && client !== null ? runtimes.get(client) : undefined;
  if (runtime) return runtime;
  throw new SecretConfigurationError('secretsGuard takes a client of this package, or a list of them.', {
    advice: 'Inject HcpVaultClient, or what getClientToken(connection) names.',
  });
}

/**
 * A guard for what an app prints: it knows every current and lately replaced value of these connections, from the turn on in which readers get it.
 * Throws SecretConfigurationError for what is not a client, and for an option that there is not.
 */
export function secretsGuard(
  clients: GuardedClient | readonly GuardedClient[],
  options?: SecretsGuardOptions,
): SecretsGuard {
  return new SecretsGuard(Array.isArray(clients) ? (clients as readonly GuardedClient[]) : [clients as GuardedClient], options); // prettier-ignore
}
