import type { CliCommand } from '../command.js';
import { ExitCode } from '../exit-code.js';
import { jsonText } from '../json-text.js';
import type { FormatOptions } from '../output-format.js';
import { isJson, withFormatOption } from '../output-format.js';
import { durationOf } from '../source/connected.js';
import { unlessInterrupted } from '../signals.js';
import type { Asked } from '../status/asked-replica.js';
import { askedReplica } from '../status/asked-replica.js';
import { differences } from '../status/compared-replicas.js';
import { replicasText, replicaText } from '../status/status-text.js';
import { TOKEN_VARIABLE, tokenOf } from '../status/status-token.js';

interface StatusOptions extends FormatOptions {
  readonly tokenFile?: string;
  readonly timeout?: string;
  readonly allowInsecure?: boolean;
}

const TIMEOUT = 10_000;

export const statusCommand: CliCommand<StatusOptions> = {
  declare(command) {
    withFormatOption(command)
      .description(
        'Asks the status pages of apps (HcpVaultStatusModule): one in full, several as a table of replicas with the versions that differ. Exit code 0: all are well and the same; 1: they are not; 3: one does not answer.',
      )
      .argument('<url...>', 'of the status pages, as in https://app.example/secrets-status')
      .option('--token-file <path>', `a file that holds the pages' token; without it ${TOKEN_VARIABLE} does`)
      .option('--timeout <duration>', 'for each of them (default: 10s)')
      .option('--allow-insecure', 'plain http beyond this machine: the token is sent in the clear');
  },
  async run({ operands, options, output, around }) {
    const json = isJson(options);
    const token = await tokenOf(options, around.environment);
    const timeout = durationOf('--timeout', options.timeout) ?? TIMEOUT;
    const asking = { token, timeout, allowInsecure: options.allowInsecure ?? false };
    const asked = await unlessInterrupted(around, () => Promise.all(operands.map((url) => askedReplica(url, asking))));
    const reports = asked.flatMap((one) => ('error' in one ? [] : [one.report]));
    const different = differences(reports);
    const [only] = asked;
    if (json) output.out(jsonText({ replicas: asked.map(plain), differences: different }));
    else if (asked.length > 1) output.out(replicasText(asked, different));
    else if (only && 'report' in only) output.out(replicaText(only.report));
    else if (only) throw only.error;
    if (reports.length < asked.length) return ExitCode.source;
    const isWell = different.length === 0 && reports.every(({ verdict }) => verdict.level === 'ok');
    return isWell ? ExitCode.done : ExitCode.no;
  },
};

const plain = (one: Asked) =>
  'error' in one
    ? { address: one.address, error: { message: one.error.message } }
    : { address: one.address, report: one.report };
