import { SourceOperations } from '../../core/client/source-operations.js';
import { statusOf } from '../../core/client/status.js';
import { printable, SecretNotFoundError } from '../../core/errors/index.js';
import { parseJsonForReading } from '../../core/secret/json.js';
import type { SecretValue } from '../../core/secret/secret-value.js';
import type { CliCommand } from '../command.js';
import { jsonText } from '../json-text.js';
import type { FormatOptions } from '../output-format.js';
import { isJson, withFormatOption } from '../output-format.js';
import type { SourceOptions } from '../source/connected.js';
import { connected, withSourceOptions } from '../source/connected.js';
import { givenBytes } from '../standard-input.js';
import { UsageError } from '../usage-error.js';

interface SetOptions extends SourceOptions, FormatOptions {
  readonly json?: boolean;
  readonly keepNewline?: boolean;
  readonly allowEmpty?: boolean;
  readonly cas?: string;
  readonly create?: boolean;
}

export const setCommand: CliCommand<SetOptions> = {
  declare(command) {
    withSourceOptions(withFormatOption(command))
      .description(
        'Writes a secret. The value comes from standard input, never from the command line: from a pipe or a file, with one line break at its end taken off; on a terminal it is asked for, and not shown.',
      )
      .argument('<name>', 'of the secret')
      .option('--json', 'the value is a JSON object or array, written as the source keeps structured secrets')
      .option('--create', 'create it where it is missing')
      .option('--keep-newline', 'leave the line break at the end')
      .option('--allow-empty', 'write a value without anything in it')
      .option('--cas <version>', 'write only where this is the current version, 0 for none yet (KV version 2)');
  },
  run({ operands: [name = ''], options, output, around }) {
    const json = isJson(options);
    return connected(options, around, async ({ client, runtime }) => {
      const value = valueOf(await givenBytes(around, output), options);
      // A slip in the name would make another secret where the source's API makes no difference.
      if (!mayCreate(options) && !(await client.exists(name))) throw missing(name);
      await new SourceOperations(runtime).update(name, value, options.cas, options.create);
      const { version } = statusOf(runtime.secrets.obtain(name), runtime);
      if (json) output.out(jsonText({ name, version }));
      else
        output.err(`${printable(name)} is written${version === undefined ? '' : `, version ${printable(version)}`}.\n`);
    });
  },
};

const mayCreate = ({ create = false, cas }: SetOptions): boolean => create || cas === '0';

const missing = (secretName: string): SecretNotFoundError =>
  new SecretNotFoundError('not found at the source, and nothing was written.', {
    secretName,
    advice: 'Check the name; --create makes a new one.',
  });

/** Text where it is UTF-8, else bytes. @throws UsageError, without the value. */
function valueOf(
  given: Uint8Array,
  { json = false, keepNewline = false, allowEmpty = false }: SetOptions,
): SecretValue {
  const text = textIn(given);
  if (json) {
    const parsed = text === undefined ? undefined : parseJsonForReading(text);
    if (parsed === undefined) throw new UsageError('standard input holds no JSON object or array.');
    return parsed;
  }
  const value = text === undefined || keepNewline ? (text ?? given) : text.replace(/\r?\n$/, '');
  if (value.length === 0 && !allowEmpty) {
    throw new UsageError(
      'standard input is empty: nothing was written. --allow-empty writes a value without anything in it.',
    );
  }
  return value;
}

function textIn(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
