import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { CompiledPackage } from '../sample-app/compiled-package.js';

const compiled = new CompiledPackage();
const [program] = ['test/nest/fixtures/failing.main.ts', 'test/support/opening-source.ts'].map((file) =>
  compiled.write(file, readFileSync(file, 'utf8')),
);
afterAll(() => compiled.remove());

interface Ending {
  readonly code: number | string | null;
  readonly errors: string;
  readonly did: string[];
  readonly left: number;
  /** Milliseconds from the failure to the end of the process. */
  readonly took: number;
}

function run(...how: string[]): Promise<Ending> {
  const child = spawn(process.execPath, [program!, ...how], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on('close', (code, signal) => {
      const printed = /^\{.*\}$/m.exec(output)?.[0];
      if (printed === undefined) reject(new Error(`ended with ${code ?? signal}: ${output}${errors}`));
      else
        resolve({
          code: code ?? signal,
          errors: errors + output,
          ...(JSON.parse(printed) as Omit<Ending, 'code' | 'errors'>),
        });
    });
  });
}

describe('a process whose start fails elsewhere', () => {
  it.each(['factory', 'controller'])(
    "given a failing %s and NestFactory's default, when it fails, then the process ends at once, with 1",
    async (what) => {
      const { code, errors, took } = await run('abort', what);
      expect([code, errors]).toEqual([1, expect.stringContaining('on purpose')]);
      // Nothing of ours holds it up: what it has opened ends by its short life.
      expect(took).toBeLessThan(100);
    },
  );

  it.each(['factory', 'controller'])(
    'given a failing %s and a process with nothing else to do, when the error is caught, then all is ended before it ends',
    async (what) => {
      const { code, errors, did, left, took } = await run('caught', what);
      expect([code, errors]).toEqual([3, expect.stringContaining("The app's start failed at")]);
      expect([did, left]).toEqual([['start-up', 'read DYN', 'revoke', 'close', 'start-up ends'], 0]);
      expect(took).toBeLessThan(2_000);
    },
  );
});
