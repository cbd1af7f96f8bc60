import { Console } from 'node:console';
import { Writable } from 'node:stream';
import { inspect } from 'node:util';
import { ConsoleLogger, type ConsoleLoggerOptions } from '@nestjs/common';
import { pino } from 'pino';
import winston from 'winston';
import type { SecretsGuard } from '../../../lib/core/guard/secrets-guard.js';
import { FakeClock } from '../../support/fake-clock.js';
import { canaries } from './canaries.js';
import { guarded, named, type GuardedConnection } from './guarded-connection.js';
import { spellings } from './spellings.js';

const SECRETS = 250;
/** All 10,000 take minutes: `GUARD_CANARIES=10000`. */
const ROUNDS = Number(process.env.GUARD_CANARIES ?? 1000) / SECRETS;
const all = canaries(SECRETS * ROUNDS, 5);

/** Something to print with: what it printed is all that got out. */
interface Printer {
  print(message: string, ...things: unknown[]): void;
  printed(): string | Promise<string>;
  end?(): void;
}

class Sink extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: unknown, done: () => void): void {
    this.text += String(chunk);
    done();
  }

  take(): string {
    const { text } = this;
    this.text = '';
    return text;
  }
}

/** Puts a sink in place of the process's output, below all that the printer hooks in. */
function sunk(make: (guard: SecretsGuard) => Pick<Printer, 'print' | 'end'>): (guard: SecretsGuard) => Printer {
  return (guard) => {
    const sink = new Sink();
    const originals = [process.stdout, process.stderr].map((stream) => [stream, stream.write] as const);
    for (const [stream] of originals) stream.write = (chunk: unknown) => sink.write(chunk);
    const printer = make(guard);
    return {
      print: printer.print,
      printed: () => sink.take(),
      end: () => {
        printer.end?.();
        for (const [stream, write] of originals) stream.write = write;
      },
    };
  };
}

const nest = (options: ConsoleLoggerOptions): ((guard: SecretsGuard) => Printer) =>
  sunk((guard) => {
    const logger = guard.logger(new ConsoleLogger(options));
    return {
      print: (message, ...things) => {
        logger.log(message, 'A context');
        for (const thing of things) {
          logger.log(thing);
          if (thing instanceof Error) logger.error(message, thing.stack, 'A context');
          else logger.warn({ message, thing }, 'A context');
        }
      },
    };
  });

const printers: Record<string, (guard: SecretsGuard) => Printer> = {
  "Nest's logger": nest({ colors: false }),
  "Nest's logger in colours": nest({ colors: true }),
  "Nest's logger as JSON": nest({ json: true }),
  "Nest's logger as JSON, inspected": nest({ json: true, compact: false }),
  pino: (guard) => {
    const sink = new Sink();
    const logger = pino({ hooks: guard.pino() }, sink).child({ from: 'a child' });
    return {
      print: (message, ...things) => {
        logger.info(message);
        for (const thing of things) logger.error(thing instanceof Error ? thing : { thing }, message);
      },
      printed: () => sink.take(),
    };
  },
  winston: (guard) => {
    const sink = new Sink();
    const { combine, timestamp, json, errors, splat } = winston.format;
    const logger = winston.createLogger({
      format: combine(errors({ stack: true }), splat(), timestamp(), json(), guard.winston()),
      transports: [
        new winston.transports.Stream({ stream: sink }),
        new winston.transports.Stream({ stream: sink, format: winston.format.simple() }),
        new winston.transports.Stream({ stream: sink, format: winston.format.printf((info) => inspect(info, { depth: 9, showHidden: true })) }),
      ],
    }); // prettier-ignore
    return {
      print: (message, ...things) => {
        logger.info(message);
        for (const thing of things) logger.error('failed %s', message, { thing });
        for (const thing of things) if (thing instanceof Error) logger.error(thing);
      },
      printed: async () => {
        await new Promise((resolve) => setImmediate(resolve));
        return sink.take();
      },
    };
  },
  'a console': (guard) => {
    const sink = new Sink();
    const target = new Console({ stdout: sink, stderr: sink });
    const end = guard.console(target);
    return {
      print: (message, ...things) => {
        target.log(message);
        target.log('%s', message, ...things);
        target.error(...things);
        target.table([{ message }]);
        target.group(message);
        target.dir(things[0], { depth: 9 });
        target.groupEnd();
        target.assert(false, message);
      },
      printed: () => sink.take(),
      end,
    };
  },
  "the process's output": sunk((guard) => {
    const end = guard.output();
    const target = new Console({ stdout: process.stdout, stderr: process.stderr });
    return {
      print: (message, ...things) => {
        target.log(message, ...things);
        target.error(...things);
        const bytes = Buffer.from(`${message}\n`);
        for (const chunk of [bytes.subarray(0, 9), bytes.subarray(9, 23), bytes.subarray(23)]) process.stderr.write(chunk);
        process.stdout.write(message.slice(0, 17));
        process.stdout.write(`${message.slice(17)}\n`);
      },
      end,
    };
  }), // prettier-ignore
};

/** Things that hold a value somewhere. */
const things = (value: string): unknown[] => [
  { deep: { deeper: [{ value }] }, [value]: 1 },
  new Error(`refused ${value}`, { cause: new Error(value) }),
  Object.assign(new Error('failed'), { config: { headers: { authorization: value } } }),
  new Map([['key', { value }]]),
  new Set([value]),
  { bytes: Buffer.from(value), array: new Uint8Array(Buffer.from(value)) },
  { toJSON: () => ({ value }) },
];

/** Where the value, or a long part of it, stands in what was printed, as it is or as JSON or an inspection spells it. */
function found(printed: string, value: string, written: string): string | undefined {
  const texts = [value, written, JSON.stringify(value).slice(1, -1), JSON.stringify(written).slice(1, -1), inspect(written).slice(1, -1)];
  return texts.find((text) => printed.includes(text));
} // prettier-ignore

describe.each(Object.entries(printers))('%s behind a guard', (_, make) => {
  let connection: GuardedConnection;
  let printer: Printer;
  const clock = new FakeClock();
  beforeEach(async () => {
    connection = await guarded(named(all.slice(0, SECRETS)), {}, { clock });
    printer = make(connection.guard);
  });
  afterEach(async () => {
    printer.end?.();
    await connection.runtime.shutdown();
  });

  it('given canaries over rotations, in all spellings and in all kinds of things, when they are printed, then none gets out', async () => {
    const out: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      if (round > 0) {
        for (let at = 0; at < SECRETS; at += 1) connection.source.rotate(`S${at}`, all[round * SECRETS + at]!);
        await connection.client.refresh();
        if (round % 8 === 0) await clock.advance(2 * 3_600_000); // replaced ones are let go
      }
      for (let at = 0; at < SECRETS; at += 1) {
        const value = all[round * SECRETS + at]!;
        const spelling = spellings[(at + round) % spellings.length]!;
        const written = spelling.write(value, '', '');
        const held = at % 3 === 0 ? [things(at % 2 === 0 ? value : written)[(at + round) % 7]] : [];
        printer.print(`sent ${written} away`, ...held);
        const printed = await printer.printed();
        const shown = found(printed, value, written);
        const isShown = shown !== undefined || !printed.includes('[secret S') || !printed.includes('sent ');
        if (isShown) out.push(`${spelling.name}: ${value} as ${shown} in ${printed}`);
      }
    }
    printer.end?.();
    expect(out.slice(0, 2)).toEqual([]);
  }, 600_000);
});
