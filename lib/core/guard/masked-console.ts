import { Console } from 'node:console';
import { Writable } from 'node:stream';
import type { MakeMasking } from './make-masking.js';

type Print = (...parameters: unknown[]) => void;

/** Those that print; what counts and what is indented stays with the console that makes the text. */
const METHODS = [
  'assert', 'count', 'countReset', 'debug', 'dir', 'dirxml', 'error', 'group', 'groupCollapsed', 'groupEnd', 'info', 'log',
  'table', 'time', 'timeEnd', 'timeLog', 'trace', 'warn',
] as const; // prettier-ignore

/** Masks what a console prints, as the text that it makes of it, until the returned function is called. */
export function maskConsole(target: Console, makeMasking: MakeMasking): () => void {
  const masking = makeMasking('console');
  const print = { log: target.log.bind(target) as Print, error: target.error.bind(target) as Print };
  const colorMode = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  const inner = new Console({
    stdout: lines((text) => print.log('%s', masking.mask(text))),
    stderr: lines((text) => print.error('%s', masking.mask(text))),
    colorMode,
  });
  const undo = METHODS.map((name) => {
    const make = inner[name].bind(inner) as Print;
    return replaced(target, name, make);
  });
  return () => undo.forEach((restore) => restore());
}

function lines(print: (text: string) => void): Writable {
  return new Writable({
    decodeStrings: false,
    write(chunk: string | Uint8Array, _encoding, done) {
      print(String(chunk).replace(/\n$/, '')); // the other console ends the line
      done();
    },
  });
}

function replaced(target: Console, name: (typeof METHODS)[number], print: Print): () => void {
  const own = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value: print, configurable: true, writable: true, enumerable: own?.enumerable ?? true }); // prettier-ignore
  return () => {
    if (target[name] !== print) return;
    if (own) Object.defineProperty(target, name, own);
    else Reflect.deleteProperty(target, name);
  };
}
