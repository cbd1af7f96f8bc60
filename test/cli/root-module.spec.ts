import ts from 'typescript';
import { withImportedModule } from '../../lib/cli/init/root-module.js';

const added = { name: 'secretsModule', from: './secrets' };
const edit = (text: string) => withImportedModule(text, 'AppModule', added);

/** The members of `imports` of a module, as TypeScript reads them. */
function importsOf(text: string, className = 'AppModule'): string[] {
  const source = ts.createSourceFile('app.module.ts', text, ts.ScriptTarget.Latest, true);
  const declared = source.statements.find(
    (node): node is ts.ClassDeclaration => ts.isClassDeclaration(node) && node.name?.text === className,
  )!;
  const decorator = (ts.getDecorators(declared) ?? [])
    .map(({ expression }) => expression)
    .find((node) => node.getText().startsWith('Module'));
  const [metadata] = (decorator as ts.CallExpression).arguments;
  const property = (metadata as ts.ObjectLiteralExpression).properties.find(
    ({ name }) => name?.getText() === 'imports',
  );
  return ((property as ts.PropertyAssignment).initializer as ts.ArrayLiteralExpression).elements.map((node) =>
    node.getText(),
  );
}
const syntaxErrors = (text: string): number =>
  ts.transpileModule(text, { reportDiagnostics: true }).diagnostics!.length;

/** Whether all that stands in one text stands in the other, around one piece that is new. */
function isOnePieceLonger(before: string, after: string): boolean {
  let same = 0;
  while (same < before.length && before[same] === after[same]) same++;
  return after.endsWith(before.slice(same));
}

const HEAD = `import { Module } from '@nestjs/common';\n`;

describe('a root module', () => {
  it.each<[string, string, string[]]>([
    ['an empty list', `${HEAD}@Module({ imports: [] })\nexport class AppModule {}`, []],
    [
      'a list in one line',
      `${HEAD}@Module({ imports: [A, B.forRoot({ a: [1] })] })\nexport class AppModule {}`,
      ['A', 'B.forRoot({ a: [1] })'],
    ],
    [
      'a list of many lines',
      `${HEAD}@Module({\n  imports: [\n    A,\n    B,\n  ],\n})\nexport class AppModule {}\n`,
      ['A', 'B'],
    ],
    [
      'a list with comments',
      `${HEAD}@Module({\n  imports: [\n    // ] imports: [\n    A, /* ' */\n  ],\n})\nexport class AppModule {}\n`,
      ['A'],
    ],
    ['a list of a comment alone', `${HEAD}@Module({ imports: [/* none */] })\nexport class AppModule {}\n`, []],
    ['no list', `${HEAD}@Module({\n  providers: [A],\n})\nexport class AppModule {}`, []],
    ['no list, in one line', `${HEAD}@Module({ providers: [A] })\nexport class AppModule {}`, []],
    ['nothing at all', `${HEAD}@Module({})\nexport class AppModule {}`, []],
    [
      'strings with brackets',
      `${HEAD}@Module({ imports: [A.of('[', "]", \`}\${b('{')}\`)] })\nexport class AppModule {}`,
      ["A.of('[', \"]\", `}${b('{')}`)"],
    ],
    [
      'other decorators',
      `${HEAD}@Global()\n@Module({ imports: [A] })\n@Other({ b: 1 })\nexport class AppModule {}`,
      ['A'],
    ],
    [
      'another module before it',
      `${HEAD}@Module({ imports: [A] })\nclass Other {}\n@Module({ imports: [B] })\nexport class AppModule {}`,
      ['B'],
    ],
    [
      'imports within other members',
      `${HEAD}@Module({ providers: [{ imports: [A] }], imports: [B] })\nexport class AppModule {}`,
      ['B'],
    ],
    [
      'imports of many lines',
      `import {\n  Module,\n} from '@nestjs/common';\nimport 'reflect-metadata'; // first\n@Module({ imports: [A] })\nexport class AppModule {}`,
      ['A'],
    ],
  ])('given %s, when ours is added, then it is the first, and all else stays', (_, text, before) => {
    const changed = edit(text);
    if (changed.kind !== 'changed') throw new Error(changed.kind);
    expect(syntaxErrors(changed.text)).toBe(0);
    expect(importsOf(changed.text)).toEqual(['secretsModule', ...before]);
    expect(changed.text).toMatch(/^import \{ secretsModule \} from '\.\/secrets';$/m);
    expect(isOnePieceLonger(text, changed.text.replace(/^import \{ secretsModule .*\n/m, ''))).toBe(true);
    expect(edit(changed.text)).toEqual({ kind: 'present' });
  });

  it('given double quotes, no semicolons and CRLF, when ours is added, then it is written so', () => {
    const text =
      'import { Module } from "@nestjs/common"\r\n\r\n@Module({\r\n\timports: [\r\n\t\tA,\r\n\t],\r\n})\r\nexport class AppModule {}\r\n';
    expect(edit(text)).toEqual({
      kind: 'changed',
      text: text
        .replace('common"\r\n', 'common"\r\nimport { secretsModule } from "./secrets"\r\n')
        .replace('[\r\n', '[\r\n\t\tsecretsModule,\r\n'),
    });
  });

  it.each([
    ['[\n    // first\n    A,\n  ]', '[\n    secretsModule,\n    // first\n    A,\n  ]'],
    ['[ // none\n  ]', '[secretsModule, // none\n  ]'],
    ['[ /* none */ ]', '[secretsModule, /* none */ ]'],
    ['[A]', '[secretsModule, A]'],
  ])('given imports: %j, when ours is added, then no blank is left at an end', (before, after) => {
    const text = `${HEAD}@Module({\n  imports: ${before},\n})\nexport class AppModule {}\n`;
    expect(edit(text)).toMatchObject({ text: expect.stringContaining(`imports: ${after},\n`) });
  });

  it.each([
    ['a spread', `@Module({ ...base })`],
    ['a list that is made elsewhere', `@Module({ imports })`],
    ['a list of a variable', `@Module({ imports: modules })`],
    ['a key in quotes', `@Module({ 'imports': [A] })`],
    ['a computed key', `@Module({ [key]: [A] })`],
    ['an accessor', `@Module({ get imports() { return [A]; } })`],
    ['metadata of a variable', `@Module(metadata)`],
    ['a regular expression', `@Module({ imports: [A.of(/]/)] })`],
    ['two lists', `@Module({ imports: [A], imports: [B] })`],
    ['no decorator', ``],
    ['a bracket that is not closed', `@Module({ imports: [A })`],
    ['a template that is not closed', '@Module({ imports: [A.of(`)] })'],
    ['a comment that is not closed', '/* @Module({ imports: [] })'],
    ['something of ours by that name', `const secretsModule = 1;\n@Module({ imports: [A] })`],
  ])('given %s, when ours is to be added, then it is left alone', (_, decorator) => {
    expect(edit(`${HEAD}${decorator}\nexport class AppModule {}`)).toEqual({ kind: 'unclear' });
  });

  it.each([
    ['no import', `@Module({ imports: [] })\nexport class AppModule {}`],
    [
      'an import of CommonJS',
      `import common = require('@nestjs/common');\n@Module({ imports: [] })\nexport class AppModule {}`,
    ],
    ['a class of another name', `${HEAD}@Module({ imports: [] })\nexport class OtherModule {}`],
  ])('given %s, when ours is to be added, then it is left alone', (_, text) => {
    expect(edit(text)).toEqual({ kind: 'unclear' });
  });
});
