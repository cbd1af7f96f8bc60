import { EXAMPLE } from './written-files.js';
import type { SourceChoice } from './source-choice.js';

/** `.env.example` with the names that it lacks, and never a value. */
export function exampleEnvironment(before: string | undefined, source: SourceChoice): string {
  const names = new Map([
    [EXAMPLE, 'a secret: outside production in .env, which is not for the repository'],
    ...Object.entries(source.environment).map(([name, what]) => [name, `production: ${what}`] as const),
  ]);
  const missing = [...names].filter(
    ([name]) => !new RegExp(`^\\s*#?\\s*(?:export\\s+)?${name}\\s*=`, 'm').test(before ?? ''),
  );
  return withLines(
    before,
    missing.flatMap(([name, what]) => [`# ${what}`, `${name}=`]),
  );
}

/** `.gitignore` with a line for `.env`, unless git ignores it already. */
export function ignoringEnvironment(before: string | undefined): string {
  // The last pattern that fits decides. `.env.*` fits `.env.local`, and not `.env`.
  const deciding = (before ?? '').split(/\r?\n/).findLast((line) => /^!?(?:\*\*)?\/?\.env\*?\s*$/.test(line));
  return deciding === undefined || deciding.startsWith('!') ? withLines(before, ['.env']) : before!;
}

function withLines(before: string | undefined, lines: readonly string[]): string {
  if (before === undefined || before === '') return lines.map((line) => `${line}\n`).join('');
  const lineBreak = before.includes('\r\n') ? '\r\n' : '\n';
  const start = lines.length === 0 || before.endsWith('\n') ? before : before + lineBreak;
  return start + lines.map((line) => line + lineBreak).join('');
}
