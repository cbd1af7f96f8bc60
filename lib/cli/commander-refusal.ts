import type { CommanderError } from 'commander';
import { didYouMean, nearNames } from '../core/options/near-names.js';

/** What looks like the name of an option or a command; anything else that is not known may be a value that slipped in. */
const OPTION = /^(?:--[a-z][a-z-]{1,24}|-[A-Za-z])$/;
const COMMAND = /^[a-z][a-z-]{0,15}$/;

const SEE_HELP = 'see --help.';

/** Why commander refuses the arguments, in our words: its own quote whatever was written. */
export function refusalOf(
  { code, message }: CommanderError,
  command: string | undefined,
  commands: readonly string[],
): string {
  const [, quoted = ''] = /'([^']*)'/.exec(message) ?? [];
  if (code === 'commander.help') return `the commands are ${commands.join(', ')}; ${SEE_HELP}`;
  if (code === 'commander.unknownCommand') {
    const meant = didYouMean(nearNames(quoted, commands));
    return `there is no ${COMMAND.test(quoted) ? `command "${quoted}"` : 'such command'}.${meant} The commands are ${commands.join(', ')}; ${SEE_HELP}`;
  }
  if (code === 'commander.unknownOption') {
    const name = quoted.split('=')[0]!;
    const [, near] = /Did you mean (-[a-z-]+)\?/.exec(message) ?? [];
    const which = OPTION.test(name) ? `option ${name}` : 'such option';
    const says = command === undefined ? `there is no ${which}` : `"${command}" has no ${which}`;
    return near ? `${says}. Did you mean ${near}?` : `${says}; ${SEE_HELP}`;
  }
  if (code === 'commander.excessArguments') return `"${command}" takes fewer arguments; ${SEE_HELP}`;
  // The others name options and arguments of ours: what is missing, what excludes another.
  return `${message.replace(/^error: /, '').replace(/[.\s]*$/, '')}; ${SEE_HELP}`;
}
