import type { CliCommand } from '../command.js';
import { isJson } from '../output-format.js';
import { examination } from '../doctor/examination.js';
import { findingsText } from '../doctor/findings-text.js';
import { ExitCode } from '../exit-code.js';
import { sourceText } from '../source/opened-source.js';
import { withSourceOption } from '../source/source-help.js';
import { jsonText } from '../json-text.js';

interface DoctorOptions {
  readonly source?: string | undefined;
  readonly name?: readonly string[] | undefined;
  readonly format?: string | undefined;
}

export const doctorCommand: CliCommand<DoctorOptions> = {
  declare(command) {
    withSourceOption(
      command.description(
        'Finds out why a source can’t be read: settings, proxy, DNS, TLS, clock, the server, credentials, rights, and one reading. Says in plain words what is so, and what to do. Prints no value, and opens no dynamic secret.',
      ),
    )
      .option('--name <name...>', 'a secret that is to be read; may be given several times')
      .option('--format <format>', 'text or json', 'text')
      .addHelpText('after', '\nExit code: 0 nothing fails, 1 something does.\n');
  },
  async run({ options: { source, name = [], format }, output, around }) {
    const asJson = isJson({ format });
    const findings = await examination(sourceText(source, around), name, around);
    output.out(asJson ? jsonText({ checks: findings }, 2) : findingsText(findings));
    return findings.some(({ outcome }) => outcome === 'fail') ? ExitCode.no : ExitCode.done;
  },
};
