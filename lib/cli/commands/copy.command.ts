import type { SecretSource } from '../../core/source/secret-source.js';
import type { CliCommand } from '../command.js';
import { AskedSource } from '../contents/asked-source.js';
import { contentsOf, heldUnder } from '../contents/held-secrets.js';
import { chosenOf, declareMapping } from '../contents/mapping-arguments.js';
import type { MappingOptions } from '../contents/name-mapping.js';
import { NameMapping } from '../contents/name-mapping.js';
import { isJson } from '../output-format.js';
import type { CopyResult } from '../copy/applied-copy.js';
import { appliedCopy } from '../copy/applied-copy.js';
import type { CopyStep } from '../copy/copy-plan.js';
import { copyPlan, targetNames } from '../copy/copy-plan.js';
import { copyJson, copySummary, copyText } from '../copy/copy-text.js';
import { ExitCode } from '../exit-code.js';
import { withSource } from '../source/opened-source.js';
import { SOURCE_HELP } from '../source/source-help.js';
import { jsonText } from '../json-text.js';
import { UsageError } from '../usage-error.js';

interface CopyOptions extends MappingOptions {
  readonly apply?: boolean | undefined;
  readonly overwrite?: boolean | undefined;
  readonly format?: string | undefined;
}

const EXIT = `
Exit code: 0 all is copied, or would be; 1 some were left, as the target holds another value; 2 names that the target can't hold, and nothing
was written; 3 some could not be read or written. Copy again to go on: what is the same by then is not written.
`;

export const copyCommand: CliCommand<CopyOptions> = {
  declare(command) {
    declareMapping(
      command
        .description(
          'Copies what A holds to B. Says what it would do, and with --apply does it. What B holds with another value is left, unless --overwrite; what is missing there is created; all that was written is read back and compared. No dynamic secret is opened.',
        )
        .argument('<A>', 'the source that is copied')
        .argument('<B>', 'the target'),
    )
      .option('--apply', 'write; without it nothing is')
      .option('--overwrite', 'replace what B holds with another value')
      .option('--format <format>', 'text or json', 'text')
      .addHelpText('after', `${EXIT}${SOURCE_HELP}`);
  },
  async run({ operands, options, output, around }) {
    const [a = '', b = ''] = operands;
    const { apply = false, overwrite = false } = options;
    const asJson = isJson(options);
    const mapping = NameMapping.of(options);
    if (a === b) throw new UsageError('A and B are the same source.');
    const done = await withSource(a, around, (source) =>
      withSource(b, around, (target) => copied(source, target, { mapping, overwrite, apply }), 'fill'),
    );
    if (asJson) output.out(jsonText({ applied: isApplied(done), secrets: copyJson(done) }, 2));
    else output.out(copyText(done));
    const isPlan = !apply && done.some(({ kind }) => kind === 'create' || kind === 'overwrite');
    output.err(`${copySummary(done)}${isPlan ? '; nothing was written: --apply does it' : ''}\n`);
    return exitCode(done, apply);
  },
};

interface Wishes {
  readonly mapping: NameMapping;
  readonly overwrite: boolean;
  readonly apply: boolean;
}

/** What would be done, or was. */
async function copied(
  source: SecretSource,
  target: SecretSource,
  { mapping, overwrite, apply }: Wishes,
): Promise<readonly (CopyStep | CopyResult)[]> {
  checkTarget(target);
  const [from, to] = [AskedSource.of(source), AskedSource.of(target)];
  const contents = chosenOf(mapping, await contentsOf(from, mapping.prefix));
  const at = await heldUnder(to, targetNames(contents, mapping));
  const plan = copyPlan({ from: contents, at, target, mapping, overwrite });
  const isRefused = plan.some(({ kind }) => kind === 'refused');
  return apply && !isRefused ? appliedCopy(plan, to) : plan;
}

/** Refused before anything is read: secrets are not written where anybody finds them in clear text. */
function checkTarget(target: SecretSource): void {
  const { kind } = target;
  if (['env', 'file', 'directory'].includes(kind)) {
    throw new UsageError(
      'B keeps secrets in clear text, which copy never writes: files, folders and the environment are not targets.',
    );
  }
  if (!target.write) throw new UsageError(`B can't be written: ${kind} is read only.`);
}

const isApplied = (steps: readonly (CopyStep | CopyResult)[]): boolean =>
  steps.some(({ kind }) => kind === 'created' || kind === 'overwritten');

function exitCode(steps: readonly (CopyStep | CopyResult)[], apply: boolean): number {
  const has = (kind: CopyStep['kind']): boolean => steps.some((step) => step.kind === kind);
  if (has('refused')) return ExitCode.usage;
  if (has('failed')) return ExitCode.source;
  return apply && has('left') ? ExitCode.no : ExitCode.done;
}
