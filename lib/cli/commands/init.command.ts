import type { CliCommand } from '../command.js';
import type { InitOptions } from '../init/plan.js';
import { runInit } from '../init/init.command.js';
import { SOURCES } from '../init/source-choice.js';
import { questionsOn } from '../question.js';

export const initCommand: CliCommand<InitOptions> = {
  declare(command) {
    command
      .description(
        'Adds the package to the Nest app in this folder, as "nest add nestjs-hcp-vault" does: its module, typed secrets, an example test, the names for the environment. Run again, it changes nothing.',
      )
      .option(
        '--source <name>',
        `where production's secrets come from: ${SOURCES.map(({ name }) => name).join(', ')}; asked for on a terminal, else ${SOURCES[0]!.name}`,
      )
      .option('--project <name>', 'an app of a monorepo, by its name in nest-cli.json');
  },
  async run({ options, output, around }) {
    await runInit(options, { folder: around.folder, ask: questions() }, output);
  },
};

/** Undefined where nobody is there to answer. */
function questions(): ((question: string) => Promise<string>) | undefined {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return undefined;
  return questionsOn({ input: process.stdin, output: process.stdout });
}
