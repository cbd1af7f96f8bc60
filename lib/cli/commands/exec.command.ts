import { childProcess } from '../child/child-process.js';
import { isOwnCredential } from '../child/variable-names.js';
import type { WantedSecret } from '../child/wanted-variables.js';
import { mappedByHand, variablesOfAll } from '../child/wanted-variables.js';
import type { CliCommand } from '../command.js';
import { unlessInterrupted } from '../signals.js';
import type { Connected, SourceOptions } from '../source/connected.js';
import { connected, withSourceOptions } from '../source/connected.js';
import { sourceText } from '../source/opened-source.js';
import { SourceSpec } from '../source/source-spec.js';
import type { Surroundings } from '../surroundings.js';
import { UsageError } from '../usage-error.js';

interface ExecOptions extends SourceOptions {
  readonly env?: readonly string[];
  readonly secret?: readonly string[];
  readonly keepEnv?: boolean;
}

const HELP = `
By rule a secret's name becomes a variable in capitals, with _ for what a variable can't have; an object becomes one
for each field: DB with host and password is DB_HOST and DB_PASSWORD. Variables that change what a program runs or
trusts (PATH, NODE_OPTIONS, LD_*, BASH_ENV, …) are set only by hand.
Exit code: the command's; 128 and the number for a signal; 127 not found, 126 can't be run, 125 where we failed before.
`;

export const execCommand: CliCommand<ExecOptions> = {
  declare(command) {
    const collected = (): [] => [];
    withSourceOptions(command)
      .description(
        "Runs a command with secrets in its environment: those that are named, and no other. Its streams are ours, signals go on to it. Our own credentials (VAULT_*, AWS_*, …) don't.",
      )
      .argument('<command...>', 'and its arguments, behind --')
      .option(
        '-e, --env <variable=secret>',
        'a secret by hand: DB_PASSWORD=DB#password (again for more)',
        append,
        collected(),
      )
      .option('--secret <name>', 'a secret by rule (again for more)', append, collected())
      .option('--keep-env', "pass our own credentials' variables on too")
      .passThroughOptions()
      .addHelpText('after', HELP);
  },
  async run({ operands, options, output, around }) {
    const { env = [], secret = [] } = options;
    const wanted = [...env.map(mappedByHand), ...secret.map((name) => ({ name }))];
    if (wanted.length === 0) throw new UsageError('no secret is named: --env VARIABLE=SECRET, or --secret NAME.');
    const left = environmentOf(options, around);
    const start = (variables: Readonly<Record<string, string>>): Promise<number> =>
      childProcess(operands, { ...left, ...variables }, around, output);
    // Credentials that end with us have to outlive the command; of others nothing needs to stay open.
    const work = async (connection: Connected) => {
      const variables = variablesOfAll(await unlessInterrupted(around, () => read(connection, wanted)));
      return isLeased(connection) ? { code: await start(variables) } : { variables };
    };
    const outcome = await connected(options, around, work, { isEnduring: true });
    return 'code' in outcome ? outcome.code : start(outcome.variables);
  },
};

const append = (given: string, before: readonly string[]): readonly string[] => [...before, given];

const read = ({ client }: Connected, wanted: readonly WantedSecret[]): Promise<(readonly [WantedSecret, unknown])[]> =>
  Promise.all(wanted.map(async (one) => [one, await client.fetch<unknown>(one.name, { field: one.field })] as const));

const isLeased = ({ client }: Connected): boolean => client.status().some(({ lease }) => lease !== undefined);

/** What the child has of ours: no credentials, and none of the secrets that a source in the environment keeps there. */
function environmentOf({ source, keepEnv = false }: ExecOptions, around: Surroundings): NodeJS.ProcessEnv {
  if (keepEnv) return { ...around.environment };
  const { scheme, place } = SourceSpec.of(sourceText(source, around));
  const isSecret = (name: string): boolean => scheme === 'env' && place !== '' && name.startsWith(place);
  return Object.fromEntries(
    Object.entries(around.environment).filter(([name]) => !isOwnCredential(name) && !isSecret(name)),
  );
}
