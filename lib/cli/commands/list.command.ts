import { printable } from '../../core/errors/index.js';
import type { CliCommand } from '../command.js';
import { jsonText } from '../json-text.js';
import type { FormatOptions } from '../output-format.js';
import { isJson, withFormatOption } from '../output-format.js';
import type { SourceOptions } from '../source/connected.js';
import { connected, withSourceOptions } from '../source/connected.js';

export const listCommand: CliCommand<SourceOptions & FormatOptions> = {
  declare(command) {
    withSourceOptions(withFormatOption(command))
      .description(
        'Prints the names of the secrets, one a line and sorted; opens none, and reads no value where the source can list.',
      )
      .argument('[prefix]', 'of the names that are wanted');
  },
  run({ operands: [prefix], options, output, around }) {
    const json = isJson(options);
    return connected(options, around, async ({ client }) => {
      const names = (await client.list(prefix)).sort();
      output.out(json ? jsonText(names) : names.map((name) => `${printable(name)}\n`).join(''));
    });
  },
};
