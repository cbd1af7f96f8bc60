import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = process.cwd();
const FOLDERS = ['docs', 'bench', 'sample-app', 'lib'];

/** Every page of documentation, as a path within the repository. */
export function pages(): string[] {
  const inFolders = FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
      .map((file) => join(folder, file)),
  );
  return ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', ...inFolders];
}

export const textOf = (page: string): string => readFileSync(join(root, page), 'utf8');

/** The blocks of TypeScript that are whole modules, with the line where each begins. */
export function snippetsOf(page: string): { line: number; code: string }[] {
  return [...textOf(page).matchAll(/^```ts\n([^]*?)^```$/gm)].map((match) => ({
    line: match.input.slice(0, match.index).split('\n').length + 1,
    code: match[1]!,
  }));
}

/** The text without its blocks of code. */
export const proseOf = (page: string): string => textOf(page).replaceAll(/^```[^]*?^```$/gm, '');

/** As GitHub makes them: lower case, without signs, hyphens for spaces. */
export function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Rows of the tables whose first header is this, by what stands in their first cell between backticks. */
export function rowsOf(page: string, header: string): Map<string, string[]> {
  const rows = new Map<string, string[]>();
  for (const [table] of proseOf(page).matchAll(/(?:^\|.*\n)+/gm)) {
    const [head, , ...body] = table.trim().split('\n').map(cellsOf);
    if (head?.[0] !== header) continue;
    for (const [first = '', ...rest] of body) {
      for (const [, name] of first.matchAll(/`([^`]+)`/g)) rows.set(name!, rest);
    }
  }
  return rows;
}

/** The first table whose first header is this: its header, then its lines, as cells. */
export function rowsOfTable(page: string, header: string): string[][] {
  const tables = [...proseOf(page).matchAll(/(?:^\|.*\n)+/gm)].map(([table]) => table.trim().split('\n').map(cellsOf));
  const [head, , ...body] = tables.find(([first]) => first?.[0] === header) ?? [];
  return head ? [head, ...body] : [];
}

const cellsOf = (line: string): string[] =>
  line
    .slice(1, -1)
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim());
