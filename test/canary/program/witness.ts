import { format, inspect } from 'node:util';
import { canaries } from './canaries.js';

/** All that careless code may print of a thing. */
function printed(thing: unknown): string[] {
  const ways = [
    () => String(thing),
    () => `${thing as string}`,
    () => JSON.stringify(thing),
    () => JSON.stringify({ thing }),
    () => JSON.stringify(thing, thing instanceof Error ? Object.getOwnPropertyNames(thing) : undefined),
    () => inspect(thing),
    () => inspect({ thing }, { showHidden: true, depth: 12 }),
    () => format('%s %o %O %j', thing, thing, thing, thing),
    () => (thing instanceof Error ? `${thing.stack}` : ''),
  ];
  return ways.map((way) => {
    try {
      return way() ?? '';
    } catch (error) {
      return `not printable: ${(error as Error).message}`; // a container has cycles, a symbol has no template
    }
  });
}

const shown: string[] = [];
const leaks: string[] = [];
const failures: string[] = [];

/** Prints a thing in all ways, as logs do, and notes where a canary stands in what is too long to print. */
export function show(label: string, thing: unknown): void {
  note(label, printed(thing).join('\n'));
  console.error(thing);
}

function note(label: string, text: string): void {
  shown.push(label);
  for (const [name, canary] of Object.entries(canaries)) {
    if (text.includes(canary)) leaks.push(`${label} shows ${name}`);
  }
  if (text.length < 20_000) console.log(text); // of a longer one the leaks alone are told
}

/** What a debugger’s dump of a whole container shows: too much to be printed in all ways. */
export function showDeep(label: string, thing: object): void {
  note(label, inspect(thing, { depth: 7, maxArrayLength: null, maxStringLength: null }));
}

/** The same for every error in a chain of causes, and those that it collects. */
export function showError(label: string, error: unknown): void {
  show(label, error);
  const { cause, errors } = (error ?? {}) as { cause?: unknown; errors?: unknown };
  if (cause !== undefined) showError(`${label} › cause`, cause);
  if (Array.isArray(errors)) errors.forEach((item, index) => showError(`${label} › errors[${index}]`, item));
}

/** Work that may fail; its error is printed. True where it failed. */
export async function attempt(label: string, work: () => unknown): Promise<boolean> {
  try {
    await work();
    return false;
  } catch (error) {
    failures.push(label);
    showError(label, error);
    return true;
  }
}

/** Work that has to fail. */
export async function failing(label: string, work: () => unknown): Promise<void> {
  if (!(await attempt(label, work))) throw new Error(`"${label}" did not fail`);
}

export function checkEnvironment(when: string): void {
  for (const [name, value] of Object.entries(process.env)) {
    if (/canary-/i.test(value ?? '')) leaks.push(`process.env.${name} holds a canary ${when}`);
  }
}

export const testimony = () => ({ shown: shown.length, failures, leaks });
