import type { CliCommand } from '../command.js';
import { AskedSource } from '../contents/asked-source.js';
import { contentsOf } from '../contents/held-secrets.js';
import type { MappingOptions } from '../contents/name-mapping.js';
import { NameMapping } from '../contents/name-mapping.js';
import { chosenOf, chosenThere, declareMapping } from '../contents/mapping-arguments.js';
import { isJson } from '../output-format.js';
import { areSame, differencesOf } from '../diff/difference.js';
import { differenceSummary, differenceText } from '../diff/difference-text.js';
import { ExitCode } from '../exit-code.js';
import { withSource } from '../source/opened-source.js';
import { SOURCE_HELP } from '../source/source-help.js';
import { jsonText } from '../json-text.js';

interface DiffOptions extends MappingOptions {
  readonly format?: string | undefined;
}

export const diffCommand: CliCommand<DiffOptions> = {
  declare(command) {
    declareMapping(
      command
        .description(
          'Compares what two sources hold: names, and whether values are equal; nothing else is said of them. No dynamic secret is opened.',
        )
        .argument('<A>', 'a source')
        .argument('<B>', 'another one'),
    )
      .option('--format <format>', 'text or json', 'text')
      .addHelpText(
        'after',
        `\nExit code: 0 all are the same, 1 some differ, 3 some could not be read.\n${SOURCE_HELP}`,
      );
  },
  async run({ operands, options, output, around }) {
    const [a = '', b = ''] = operands;
    const asJson = isJson(options);
    const mapping = NameMapping.of(options);
    const differences = await withSource(a, around, (one) =>
      withSource(b, around, async (other) => {
        const [here, there] = await Promise.all([
          contentsOf(AskedSource.of(one), mapping.prefix),
          contentsOf(AskedSource.of(other), mapping.prefixThere),
        ]);
        return differencesOf(chosenOf(mapping, here), chosenThere(mapping, here, there), mapping);
      }),
    );
    if (asJson) output.out(jsonText({ same: areSame(differences), secrets: differences }, 2));
    else output.out(differenceText(differences));
    output.err(`${differenceSummary(differences)}\n`);
    if (differences.some(({ outcome }) => outcome === 'failed')) return ExitCode.source;
    return areSame(differences) ? ExitCode.done : ExitCode.no;
  },
};
