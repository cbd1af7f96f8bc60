import { SecretConfigurationError } from '../../core/errors/index.js';
import type { OptionKinds } from '../../core/options/option-kinds.js';
import type { Answer } from './rpc-error.js';
import { codeOfStatus, rpcAnswer, statusOfCode } from './rpc-error.js';

/** A failure to act out. Without any of `status`, `code`, `retryAfter`, `hang`, `cut`, `delay` it is a 503. */
export interface EmulatorFault {
  /** HTTP status of the answer. Such a request has no effect. @default follows from `code`; 429 with only `retryAfter` */
  readonly status?: number;
  /** gRPC code in the body. @default follows from `status` */
  readonly code?: number;
  /** The header `Retry-After`: seconds, or a text that is sent as it is. */
  readonly retryAfter?: number | string;
  /** The request is taken and never answered; it has no effect. */
  readonly hang?: boolean;
  /** Half of the body is sent, then the socket is destroyed. The request has had its effect: a dynamic secret is opened. */
  readonly cut?: boolean;
  /** Milliseconds from the request's arrival, and effect, to its answer. Alone it leaves the answer as it is. */
  readonly delay?: number;
  /** How many matching requests it applies to. @default all, until `recover()` */
  readonly times?: number;
  /** Part of the request's path (percent-encoded or not), or a pattern for it. @default every path, the token endpoint's too */
  readonly path?: string | RegExp;
}

export const FAULT_OPTIONS: OptionKinds<EmulatorFault> = {
  status: 'number',
  code: 'number',
  retryAfter: 'any',
  hang: 'boolean',
  cut: 'boolean',
  delay: 'number',
  times: 'number',
  path: 'any',
};

/** What is to happen to one request. */
export interface FaultEffect {
  readonly delay: number;
  readonly hang: boolean;
  readonly cut: boolean;
  readonly answer?: Answer;
}

interface Entry {
  readonly fault: EmulatorFault;
  left: number;
}

/**
 * The failures that are switched on. Those with `times` are used up in the order in which they came; then the newest one without
 * `times` holds. Pure latency is chosen by the same rule apart from the others, so that a slow service can also fail.
 */
export class EmulatorFaults {
  #failures: Entry[] = [];
  #latencies: Entry[] = [];

  add(fault: EmulatorFault): void {
    checkFault(fault);
    const entry = { fault: { ...fault }, left: fault.times ?? Number.POSITIVE_INFINITY };
    (isLatency(fault) ? this.#latencies : this.#failures).push(entry);
  }

  clear(): void {
    this.#failures = [];
    this.#latencies = [];
  }

  /** The effect on a request that arrives now; counts it. */
  take(path: string): FaultEffect {
    const failure = takeFrom(this.#failures, path);
    const latency = takeFrom(this.#latencies, path);
    const answer = failure && answerOf(failure);
    return {
      delay: (failure?.delay ?? 0) + (latency?.delay ?? 0),
      hang: failure?.hang ?? false,
      cut: failure?.cut ?? false,
      ...(answer && { answer }),
    };
  }
}

function takeFrom(entries: Entry[], path: string): EmulatorFault | undefined {
  const matching = entries.filter(({ fault }) => matches(fault.path, path));
  const entry = matching.find(({ left }) => Number.isFinite(left)) ?? matching.at(-1);
  if (!entry) return undefined;
  entry.left -= 1;
  if (entry.left === 0) entries.splice(entries.indexOf(entry), 1);
  return entry.fault;
}

function matches(pattern: string | RegExp | undefined, path: string): boolean {
  if (pattern === undefined) return true;
  // A global or sticky pattern would remember where it stopped; `search` starts again each time.
  const found = (text: string) => (typeof pattern === 'string' ? text.includes(pattern) : text.search(pattern) >= 0);
  return found(path) || found(decoded(path));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // malformed: the router refuses it
  }
}

const isLatency = ({ delay, hang, cut, ...fault }: EmulatorFault): boolean =>
  delay !== undefined && !hang && !cut && !hasAnswer(fault);

const hasAnswer = ({ status, code, retryAfter }: EmulatorFault): boolean =>
  status !== undefined || code !== undefined || retryAfter !== undefined;

function answerOf(fault: EmulatorFault): Answer | undefined {
  if ((fault.hang || fault.cut) && !hasAnswer(fault)) return undefined;
  const { code, retryAfter } = fault;
  const fallback = retryAfter === undefined ? 503 : 429;
  const status = fault.status ?? (code === undefined ? fallback : statusOfCode(code));
  const headers = retryAfter === undefined ? undefined : { 'retry-after': String(retryAfter) };
  return rpcAnswer(status, code ?? codeOfStatus(status), undefined, headers);
}

function checkFault({ status, code, delay, times }: EmulatorFault): void {
  const check = (value: number | undefined, option: string, expected: string, holds: (value: number) => boolean) => {
    if (value === undefined || (typeof value === 'number' && holds(value))) return;
    throw new SecretConfigurationError(`Emulator: "${option}" of fail() has to be ${expected}.`);
  };
  check(status, 'status', 'an HTTP status from 200 to 599', (n) => Number.isInteger(n) && n >= 200 && n <= 599);
  check(code, 'code', 'a gRPC code (a whole number)', (n) => Number.isInteger(n) && n >= 0);
  check(delay, 'delay', 'milliseconds', (n) => n >= 0 && n < 2 ** 31);
  check(times, 'times', 'a whole number from 1 on', (n) => Number.isInteger(n) && n >= 1);
}
