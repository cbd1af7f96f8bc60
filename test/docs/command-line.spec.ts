import { Command } from 'commander';
import { readFileSync } from 'node:fs';
import { COMMANDS } from '../../lib/cli/commands/index.js';
import { ExitCode } from '../../lib/cli/exit-code.js';
import { SCHEMES } from '../../lib/cli/source/schemes.js';
import { pages } from './markdown.js';

const PAGE = 'docs/command-line.md';

/** Lines of shell that call the command line, of all pages. */
const calls = pages().flatMap((page) =>
  [...readFileSync(page, 'utf8').matchAll(/^```sh\n([^]*?)^```/gm)]
    .flatMap(([, block]) => block!.split('\n'))
    .filter((line) => /^(?:npx )?nestjs-hcp-vault /.test(line) || line.startsWith('npx nestjs-hcp-vault '))
    .map((line) => ({ page, line })),
);

describe('the command line in the documentation', () => {
  it('given the pages, when they are searched, then there are calls of it', () => {
    expect(calls.length).toBeGreaterThan(12);
  });

  it.each(calls)(
    'given $line in $page, when it is parsed, then there are such a command and such options',
    async ({ line }) => {
      const [name, ...words] = line
        .replace(/ [|<>].*$/, '')
        .split(/\s+/)
        .slice(2);
      const listed = COMMANDS.find((command) => command.name === name);
      expect(listed?.name).toBe(name);
      const command = new Command(name)
        .enablePositionalOptions()
        .exitOverride()
        .configureOutput({ writeErr: () => undefined });
      (await listed!.load()).declare(command);
      command.action(() => undefined);
      await expect(command.parseAsync(words, { from: 'user' })).resolves.toBe(command);
    },
  );

  it('given its page, when it is read, then each source and each exit code of ours is there', () => {
    const text = readFileSync(PAGE, 'utf8');
    for (const { name } of SCHEMES) expect(text).toContain(`| \`${name}:`);
    for (const code of Object.values(ExitCode)) expect(text).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
  });
});
