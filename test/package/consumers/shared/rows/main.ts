// Runs the rows of one file, named by the first argument, and prints as lines of JSON their titles first, then how each went.
import 'reflect-metadata';
import { inspect } from 'node:util';
import type { Row } from './row.js';

const LIMIT = 20_000;

function within(work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`not done within ${LIMIT} ms`)), LIMIT).unref();
    work.then(resolve, reject);
  });
}

const tell = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

async function main(): Promise<void> {
  const { rows } = (await import(`./${process.argv[2]}.js`)) as { rows: readonly Row[] };
  tell(rows.map(({ title }) => title));
  for (const { title, run } of rows) {
    const error = await within(Promise.resolve().then(run)).then(
      () => undefined,
      (reason: unknown) => inspect(reason),
    );
    tell({ title, error });
  }
  process.exit(); // what a failed row has left open is not waited for
}

void main();
