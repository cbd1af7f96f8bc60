import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { row } from './row.js';

interface Ended {
  readonly code: number | string | null;
  readonly output: string;
}

/** `process.argv[1]` is the program that runs the rows, so that this works in CommonJS and ES modules alike. */
const program = join(process.argv[1]!, '../cycle.main.js');

function startApp(...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: '1' };
    execFile(process.execPath, [program, ...args], { env, timeout: 8_000 }, (error, stdout, stderr) => {
      const code = error === null ? 0 : error.killed === true ? 'it hangs' : (error.code ?? null);
      resolve({ code, output: stdout + stderr });
    });
  });
}

/** One error that names the path, and an end that a supervisor sees. */
function refusing(title: string, args: string[], path: RegExp) {
  return row(
    `given options that need ${title}, when the app starts, then one error names the path, and the process fails`,
    async () => {
      const { code, output } = await startApp(...args);
      assert.deepEqual([code, output.match(/\[ExceptionHandler\]/g)?.length], [1, 1], output);
      assert.match(output, /SecretConfigurationError/);
      assert.match(output, path);
    },
  );
}

export const rows = [
  refusing('a secret token of this connection', ['0', 'factory'], /KEY/),
  refusing('the client of this connection', ['0', 'client'], /HcpVaultClient/),
  refusing('a factory with a secret', ['1', 'factory'], /AuditOne.*KEY/s),
  refusing('a class with a secret in its constructor', ['1', 'constructor'], /AuditOne.*KEY/s),
  refusing('a class with a secret as its property', ['1', 'property'], /AuditOne.*KEY/s),
  refusing('a secret over two factories', ['2', 'factory'], /AuditOne.*AuditTwo.*KEY/s),
  refusing('a secret over two constructors', ['2', 'constructor'], /AuditOne.*AuditTwo.*KEY/s),
  refusing('a secret over three factories', ['3', 'factory'], /AuditOne.*AuditTwo.*AuditThree.*KEY/s),
  refusing('a secret over three properties', ['3', 'property'], /AuditOne.*AuditTwo.*AuditThree.*KEY/s),
  refusing(
    'a secret over two factories, and a handle stays open',
    ['2', 'factory', 'open'],
    /AuditOne.*AuditTwo.*KEY/s,
  ),
];
