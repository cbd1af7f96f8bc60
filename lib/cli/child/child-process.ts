import { spawn } from 'node:child_process';
import { foreignCause, printable } from '../../core/errors/index.js';
import type { CliOutput } from '../cli-output.js';
import { exitCodeOfSignal } from '../signals.js';
import type { Surroundings } from '../surroundings.js';

/** As shells have it: the command can't be run, or there is none. */
export const NOT_RUN = { cannot: 126, notFound: 127 } as const;

/**
 * Runs a command with our own standard streams, passes signals on to it, and gives its exit code; 128 and the number for a signal that ended it. Of the
 * terminal's Ctrl-C it hears by itself.
 */
export async function childProcess(
  [command = '', ...args]: readonly string[],
  environment: NodeJS.ProcessEnv,
  { folder, input, onSignal }: Pick<Surroundings, 'folder' | 'input' | 'onSignal'>,
  output: CliOutput,
): Promise<number> {
  let send = (_signal: NodeJS.Signals): void => undefined;
  // Before it is there: what ends us meanwhile ends it.
  const early: NodeJS.Signals[] = [];
  const stop = onSignal((signal) => {
    if (signal === 'SIGINT' && input.isTTY) return;
    early.push(signal);
    send(signal);
  });
  try {
    return await new Promise<number>((resolve) => {
      const child = spawn(command, args, { stdio: 'inherit', env: environment, cwd: folder, windowsHide: true });
      child.once('spawn', () => {
        send = (signal) => void child.kill(signal);
        for (const signal of early) send(signal);
      });
      // The error's own text has the arguments.
      child.once('error', (error) => {
        const code = foreignCause(error)?.code;
        output.err(
          `nestjs-hcp-vault: ${printable(command)} ${code === 'ENOENT' ? 'is not found' : `can't be run (${code})`}.\n`,
        );
        resolve(code === 'ENOENT' ? NOT_RUN.notFound : NOT_RUN.cannot);
      });
      child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : exitCodeOfSignal(signal)));
    });
  } finally {
    stop();
  }
}
