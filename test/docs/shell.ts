import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { textOf } from './markdown.js';

/** What stands below these headings of a page (`##`), without the sections that follow. */
function sectionsOf(page: string, titles: readonly string[]): string {
  const sections = textOf(page).split(/^## /m).slice(1);
  return titles
    .map((title) => {
      const found = sections.find((section) => section.startsWith(`${title}\n`));
      if (found === undefined) throw new Error(`${page} has no section "${title}".`);
      return found;
    })
    .join('\n');
}

/** The blocks that a shell can run (`sh`, not `console`), as one script. Calls of our own command line are tried in test/docs/command-line.spec.ts. */
export function shellOf(page: string, ...titles: string[]): string {
  const blocks = [...sectionsOf(page, titles).matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, block]) => block!);
  if (blocks.length < titles.length) throw new Error(`${page} has fewer blocks of shell than sections were named.`);
  return blocks.join('\n').replaceAll(/^npx nestjs-hcp-vault .*$/gm, ':');
}

/** Runs it by bash, ended at the first command that fails; gives what it printed. @param env the whole environment but PATH. */
export async function runShell(script: string, cwd: string, env: Readonly<Record<string, string>>): Promise<string> {
  const child = spawn('bash', ['-c', `set -euo pipefail\n${script}`], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  }
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`The shell ended with ${code}:\n${printed}`);
  return printed;
}
