import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './packed.js';
import { run } from './run.js';

const folder = join(root, 'test/package/consumers/shared/rows');
const support = ['main', 'row', 'apps', 'cycle.main'];

export interface RowOutcome {
  readonly title: string;
  readonly error?: string;
}

/** All rows of `consumers/shared/rows` as they went in a compiled consumer: one process a file. */
export async function rowsIn(project: string): Promise<RowOutcome[]> {
  const files = readdirSync(folder).map((file) => file.replace(/\.ts$/, ''));
  const outcomes: RowOutcome[] = [];
  for (const file of files.filter((name) => !support.includes(name))) outcomes.push(...(await rowsOf(project, file)));
  return outcomes;
}

async function rowsOf(project: string, file: string): Promise<RowOutcome[]> {
  const { code, stdout, stderr } = await run(process.execPath, [join(project, 'dist/rows/main.js'), file]);
  const [titles, ...outcomes] = stdout
    .split('\n')
    .filter((line) => /^[[{]/.test(line))
    .map((line) => JSON.parse(line) as unknown) as [string[] | undefined, ...RowOutcome[]];
  const error = `The process ended with ${code} before this row.\n${stdout}\n${stderr}`;
  if (titles === undefined) return [{ title: `given the rows of ${file}, when they are loaded, then they run`, error }];
  return titles.map((title) => outcomes.find((outcome) => outcome.title === title) ?? { title, error });
}

/** Registers a test for each row. Called where a file of tests is loaded: what it tests has happened by then. */
export function testRows(title: string, outcomes: readonly RowOutcome[]): void {
  describe(title, () => {
    it.each(outcomes.map((outcome) => [outcome.title, outcome] as const))('%s', (_title, { error }) => {
      if (error !== undefined) throw new Error(error);
    });
  });
}
