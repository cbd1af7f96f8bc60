import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { CliOutput } from './cli-output.js';
import type { Surroundings } from './surroundings.js';
import { UsageError } from './usage-error.js';

/** Bytes: above what any of the backends takes. */
const MOST = 32 * 1024 * 1024;

/** Milliseconds in which more lines of one paste come. */
const PASTE = 50;

/**
 * A value from standard input: all of it, or on a terminal one line that is asked for and not shown.
 * @throws UsageError where there is none, or too much.
 */
export async function givenBytes({ input }: Pick<Surroundings, 'input'>, output: CliOutput): Promise<Uint8Array> {
  return input.isTTY ? Buffer.from(await hiddenLine(input, output), 'utf8') : pipedBytes(input);
}

/** All that comes from a pipe or a file. @throws UsageError where it is too much. */
export async function pipedBytes(input: Surroundings['input']): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, 'utf8') : Buffer.from(chunk as Uint8Array);
    if ((length += bytes.length) > MOST) throw new UsageError('standard input holds more than any source takes.');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function hiddenLine(input: NodeJS.ReadableStream, output: CliOutput): Promise<string> {
  output.err('Value (not shown): ');
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input, output: nowhere, terminal: true, historySize: 0 });
  return new Promise<string>((resolve, reject) => {
    const lines: string[] = [];
    terminal.on('line', (line) => {
      // What is pasted comes line by line: only the first would be written.
      if (lines.push(line) === 1) setTimeout(() => terminal.close(), PASTE);
    });
    terminal.on('SIGINT', () => terminal.close());
    terminal.on('close', () => {
      output.err('\n');
      if (lines.length === 1) resolve(lines[0]!);
      else if (lines.length === 0) reject(new UsageError('no value was given: nothing was written.'));
      else reject(new UsageError('the value has several lines: give it through a pipe or from a file.'));
    });
  });
}
