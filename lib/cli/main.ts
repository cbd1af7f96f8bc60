#!/usr/bin/env node
import { run } from './run.js';

// Who reads has gone (`… | head`): that is not a fault, and there is nobody to tell.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(128 + 13);
});

// What a command waits for (the next reading, a pause between tries) keeps no process alive: in an app its server does that, here this.
const staying = setInterval(() => undefined, 2 ** 31 - 1);
try {
  process.exitCode = await run(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
} finally {
  clearInterval(staying);
}
