import type { Command } from 'commander';
import { SOURCE_VARIABLE } from './opened-source.js';
import { SCHEMES } from './schemes.js';

/** `--source`, for a command that takes one. */
export const withSourceOption = (command: Command): Command =>
  command
    .option(
      '-s, --source <spec>',
      `where the secrets are: SCHEME:PLACE?option=value; without it ${SOURCE_VARIABLE} says`,
    )
    .addHelpText('after', SOURCE_HELP);

const rows = SCHEMES.map(({ name, form, parameters, credentials }) =>
  [
    `  ${name}:${form}`,
    `      options: ${Object.keys(parameters).join(', ')}`,
    ...(credentials ? [`      credentials: ${credentials}`] : []),
  ].join('\n'),
);

/** What a source may be, for the help of commands that take one. */
export const SOURCE_HELP = `
Sources:
${rows.join('\n')}

  Options are those of the library's functions. What is not a part of a URL is percent-encoded. Never put a credential
  into a source: it is refused, and every process of the machine could read it.
`;
