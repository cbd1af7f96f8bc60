import { createInterface } from 'node:readline/promises';
import { InitError } from './init/init-error.js';

interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Puts questions to who sits at a terminal. Ctrl-C and Ctrl-D in place of an answer are an InitError. */
export function questionsOn({ input, output }: Terminal): (question: string) => Promise<string> {
  return async (question) => {
    const terminal = createInterface({ input, output, terminal: true });
    try {
      return await terminal.question(question);
    } catch {
      throw new InitError('no answer. Nothing was changed.');
    } finally {
      terminal.close();
    }
  };
}
