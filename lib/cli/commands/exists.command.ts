import type { CliCommand } from '../command.js';
import { ExitCode } from '../exit-code.js';
import { jsonText } from '../json-text.js';
import type { FormatOptions } from '../output-format.js';
import { isJson, withFormatOption } from '../output-format.js';
import type { SourceOptions } from '../source/connected.js';
import { connected, withSourceOptions } from '../source/connected.js';

export const existsCommand: CliCommand<SourceOptions & FormatOptions> = {
  declare(command) {
    withSourceOptions(withFormatOption(command))
      .description('Says whether there is such a secret: "yes" with exit code 0, "no" with 1. Opens no dynamic secret.')
      .argument('<name>', 'of the secret');
  },
  run({ operands: [name = ''], options, output, around }) {
    const json = isJson(options);
    return connected(options, around, async ({ client }) => {
      const exists = await client.exists(name);
      output.out(json ? jsonText({ name, exists }) : exists ? 'yes\n' : 'no\n');
      return exists ? ExitCode.done : ExitCode.no;
    });
  },
};
