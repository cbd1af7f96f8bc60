#!/usr/bin/env node
import { run } from './run.js';

// Who reads has gone (`… | head`): that is no fault, and there is nobody to tell.
process.stdout.on('error', ({ code }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE') process.exit(128 + 13);
});

process.exitCode = await run(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
});
