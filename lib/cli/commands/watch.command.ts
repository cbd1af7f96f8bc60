import type { Subscription } from 'rxjs';
import { statusOf } from '../../core/client/status.js';
import type { SecretEvent } from '../../core/refresh/secret-events.js';
import { printable } from '../../core/errors/index.js';
import type { CliOutput } from '../cli-output.js';
import type { CliCommand } from '../command.js';
import { ExitCode } from '../exit-code.js';
import { jsonText } from '../json-text.js';
import type { FormatOptions } from '../output-format.js';
import { isJson, withFormatOption } from '../output-format.js';
import { Interrupted } from '../signals.js';
import type { Connected, SourceOptions } from '../source/connected.js';
import { connected, durationOf, withSourceOptions } from '../source/connected.js';
import { UsageError } from '../usage-error.js';

interface WatchOptions extends SourceOptions, FormatOptions {
  readonly every?: string;
  readonly count?: string;
}

const EVERY = 60_000;

export const watchCommand: CliCommand<WatchOptions> = {
  declare(command) {
    withSourceOptions(withFormatOption(command))
      .description(
        'Prints a line for each change of the named secrets, or of all that the source can enumerate: time, name, version; never a value. Runs until SIGINT or SIGTERM, which is exit code 0. At once where the source tells of changes, else as often as --every says.',
      )
      .argument('[names...]', 'of the secrets')
      .option('--every <duration>', 'how often the source is read (default: 1m)')
      .option('--count <number>', 'end after so many changes');
  },
  async run({ operands, options, output, around }) {
    const json = isJson(options);
    const every = durationOf('--every', options.every) ?? EVERY;
    const most = countOf(options.count);
    const work = (connection: Connected) => changes(connection, operands, { json, most, output });
    const once = { cache: { maxAge: every }, refresh: { every, jitter: 0 } };
    try {
      await connected(options, around, work, once);
    } catch (error) {
      if (!(error instanceof Interrupted)) throw error;
    }
    return ExitCode.done;
  },
};

interface Printing {
  readonly json: boolean;
  readonly most: number;
  readonly output: CliOutput;
}

async function changes(
  { client, runtime }: Connected,
  given: readonly string[],
  { json, most, output }: Printing,
): Promise<void> {
  const names = given.length > 0 ? given : await client.list();
  const subscriptions: Subscription[] = [];
  let left = most;
  try {
    await new Promise<void>((resolve, reject) => {
      subscriptions.push(
        runtime.events.events$.subscribe((event) => {
          if (event.type !== 'rotated') return void tell(event, output);
          output.out(json ? jsonText(changeOf(event)) : lineOf(event));
          if ((left -= 1) === 0) resolve();
        }),
      );
      void begin({ client, runtime }, names).then(
        (versions) => output.err(`watching ${versions} of ${runtime.source.kind}.\n`),
        reject,
      );
    });
  } finally {
    for (const subscription of subscriptions) subscription.unsubscribe();
  }
}

/** Each of them is there before the job starts: a name that isn't is the caller's mistake. */
async function begin({ client, runtime }: Connected, names: readonly string[]): Promise<string> {
  for (const name of names) runtime.pin(name);
  await Promise.all(names.map((name) => client.fetch(name)));
  runtime.start();
  const [first] = names;
  return names.length === 1
    ? `${printable(first!)} (version ${versionOf(first!, runtime)})`
    : `${names.length} secrets`;
}

const versionOf = (name: string, runtime: Connected['runtime']): string =>
  printable(statusOf(runtime.secrets.obtain(name), runtime).version ?? 'none');

const changeOf = ({ at, name, version }: SecretEvent) => ({ at: at.toISOString(), name, version });

const lineOf = ({ at, name = '', version = '' }: SecretEvent): string =>
  `${at.toISOString()} ${printable(name)} ${printable(version)}\n`;

/** What goes wrong, and when it is well again. */
function tell({ type, at, name, error }: SecretEvent, output: CliOutput): void {
  if (type === 'loaded') return;
  const what = [at.toISOString(), name, type, error?.message].filter(Boolean).join(' ');
  output.err(`${printable(what)}\n`);
}

function countOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError('--count is a number from 1 on.');
}
