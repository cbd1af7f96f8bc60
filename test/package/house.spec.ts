import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import ts from 'typescript';
import { filesIn, root } from './support/packed.js';
import { run } from './support/run.js';

const lib = join(root, 'lib');

async function sources(): Promise<{ file: string; text: string }[]> {
  const files = await filesIn(lib);
  return Promise.all(files.map(async (file) => ({ file, text: await readFile(join(lib, file), 'utf8') })));
}

describe('the house rules', () => {
  it('given lib, when its imports are followed, then nest → core ← sources holds, without a cycle', async () => {
    const command = join(root, 'node_modules/.bin/depcruise');
    const { code, stdout } = await run(command, ['--config', '.dependency-cruiser.cjs', 'lib'], { cwd: root });
    expect([code, code === 0 || stdout]).toEqual([0, true]);
    expect(stdout).toMatch(/no dependency violations found \(\d{2,} modules/);
  });

  it('given a file of lib, when its lines are counted, then there are 250 at most', async () => {
    const long = (await sources()).filter(({ text }) => text.split('\n').length - 1 > 250);
    expect(long.map(({ file }) => file)).toEqual([]);
  });

  it('given the folders and files of lib, when they are named, then each name tells a concept', async () => {
    expect((await filesIn(lib)).filter((file) => /(^|[/.])(utils?|helpers?|misc|common)([/.]|$)/i.test(file))).toEqual(
      [],
    );
  });

  it('given lib, when its syntax is read, then nothing has the type any', async () => {
    const found: string[] = [];
    for (const { file, text } of (await sources()).filter(({ file }) => file.endsWith('.ts'))) {
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest);
      const visit = (node: ts.Node): void => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) {
          found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1}`);
        }
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
    expect(found).toEqual([]);
  });

  it('given the lock file, when it is read, then it names no registry', async () => {
    expect(await readFile(join(root, 'package-lock.json'), 'utf8')).not.toMatch(/"resolved": "http/);
  });
});
