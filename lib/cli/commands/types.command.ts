import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { textOf, UnreadableFile } from '../bounded-file.js';
import type { CliCommand } from '../command.js';
import { AskedSource } from '../contents/asked-source.js';
import { contentsOf } from '../contents/held-secrets.js';
import { ExitCode } from '../exit-code.js';
import { sourceText, withSource } from '../source/opened-source.js';
import { SOURCE_HELP } from '../source/source-help.js';
import { declarationsText } from '../types/declarations.js';
import { UsageError } from '../usage-error.js';

interface TypesOptions {
  readonly source?: string | undefined;
  readonly prefix?: string | undefined;
  readonly connection?: string | undefined;
  readonly out?: string | undefined;
  readonly check?: boolean | undefined;
}

export const typesCommand: CliCommand<TypesOptions> = {
  declare(command) {
    command
      .description(
        'Writes the TypeScript declaration of SecretTypes from what a source holds: names and shapes, no values. The same each time, as long as names and shapes are. A dynamic secret is not opened: its type is unknown.',
      )
      .option('-s, --source <spec>', 'the source; without it HCP_VAULT_SOURCE')
      .option('--prefix <text>', 'only secrets whose names begin with it')
      .option('--connection <name>', 'of the app; its secrets are declared in ConnectionSecretTypes', 'default')
      .option('--out <file>', 'written where it differs; without it standard output')
      .option('--check', 'write nothing, and end with 1 where --out differs: for CI')
      .addHelpText('after', SOURCE_HELP);
  },
  async run({ options, output, around }) {
    const { source, prefix, connection, out, check = false } = options;
    if (check && out === undefined) throw new UsageError('--check compares with --out, which is missing.');
    const contents = await withSource(sourceText(source, around), around, (one) =>
      contentsOf(AskedSource.of(one), prefix),
    );
    const text = declarationsText(contents, { connection });
    if (out === undefined) return void output.out(text);
    const file = resolve(around.folder, out);
    const before = await textOf(file).catch((error: unknown) => {
      if (error instanceof UnreadableFile && error.code === 'ENOENT') return undefined;
      throw new UsageError(`--out can’t be read (${(error as Error).message}).`);
    });
    if (before === text) return void output.err(`${contents.size} secrets: unchanged\n`);
    if (check) {
      output.err('the types are not those of the source: write them again, without --check\n');
      return ExitCode.no;
    }
    const temporary = `${file}.${process.pid}.tmp`;
    try {
      await writeFile(temporary, text);
      await rename(temporary, file); // compilers watch it
    } catch {
      throw new UsageError('--out can’t be written.');
    }
    output.err(`${contents.size} secrets: written\n`);
  },
};
