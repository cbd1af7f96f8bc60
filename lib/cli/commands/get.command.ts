import type { SecretStatus } from '../../core/client/status.js';
import { statusOf } from '../../core/client/status.js';
import { isBytes } from '../../core/secret/secret-value.js';
import type { CliCommand } from '../command.js';
import { jsonText } from '../json-text.js';
import type { FormatOptions } from '../output-format.js';
import { isJson, withFormatOption } from '../output-format.js';
import type { SourceOptions } from '../source/connected.js';
import { connected, withSourceOptions } from '../source/connected.js';
import { table } from '../table.js';
import { shapeOf } from '../value-shape.js';

interface GetOptions extends SourceOptions, FormatOptions {
  readonly field?: string;
  readonly version?: string;
  readonly reveal?: boolean;
}

export const getCommand: CliCommand<GetOptions> = {
  declare(command) {
    withSourceOptions(withFormatOption(command))
      .description(
        'Reads a secret, and tells its shape and version; its value only with --reveal: to a pipe as it is, without a line break of ours, to a terminal with one.',
      )
      .argument('<name>', 'of the secret, as the app knows it')
      .option('--field <path>', 'a part of it, such as values.password')
      .option('--version <version>', "a version or stage other than the current one, in the source's words")
      .option('--reveal', 'print the value');
  },
  run({ operands: [name = ''], options, output, around }) {
    const { field, version, reveal = false } = options;
    const json = isJson(options);
    return connected(options, around, async ({ client, runtime }) => {
      const value = await client.fetch<unknown>(name, { field, version });
      const status = statusOf(runtime.secrets.obtain(name, version), runtime);
      if (json) output.out(jsonText({ ...factsOf(status, value), ...(reveal && revealed(value)) }));
      else if (reveal) {
        output.out(textOf(value));
        if (around.isTerminal) output.out('\n');
      } else output.out(table(rowsOf(status, value, field)));
    });
  },
};

const factsOf = ({ name, source, version, lease }: SecretStatus, value: unknown) => ({
  name,
  source,
  version,
  shape: shapeOf(value),
  ...(lease && { lease: { expiresAt: lease.expiresAt, renewable: lease.renewable } }),
});

const rowsOf = ({ name, source, version, lease }: SecretStatus, value: unknown, field?: string) => [
  ['name', name],
  ...(field === undefined ? [] : [['field', field]]),
  ['value', `${shapeOf(value)} (--reveal prints it)`],
  ['version', version ?? ''],
  ['source', source],
  ...(lease ? [['lease', `until ${lease.expiresAt.toISOString()}; ended with this command`]] : []),
];

/** Bytes have no place in JSON: Base64, and said so. */
const revealed = (value: unknown) =>
  isBytes(value) ? { value: Buffer.from(value).toString('base64'), encoding: 'base64' } : { value };

/** What a program takes: text and bytes as they are, the rest as JSON. */
const textOf = (value: unknown): string | Uint8Array =>
  typeof value === 'string' || isBytes(value) ? value : JSON.stringify(value);
