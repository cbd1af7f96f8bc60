import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = process.cwd();

export interface Snippet {
  /** `docs/start.md:12` */
  readonly place: string;
  readonly code: string;
}

/**
 * Errors of the compiler, each with the line of the page. Snippets are files that stand in memory alone, at the root.
 * @param paths where to find the types of packages that are not installed at the root.
 */
export function errorsOf(checked: readonly Snippet[], paths: Record<string, string[]> = {}): string[] {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => readFileSync(path, 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson(
    { ...config.compilerOptions, types: ['node'], paths: { ...config.compilerOptions.paths, ...paths } },
    root,
  );
  const files = new Map(checked.map(({ code, place }, index) => [join(root, `snippet-${index}.ts`), { code, place }]));
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (path) => files.has(path) || fileExists.call(host, path);
  host.readFile = (path) => files.get(path)?.code ?? readFile.call(host, path);
  host.getSourceFile = (path, ...rest) => {
    const own = files.get(path);
    return own ? ts.createSourceFile(path, own.code, rest[0]) : getSourceFile.call(host, path, ...rest);
  };
  const program = ts.createProgram([...files.keys()], { ...options, noUnusedLocals: false }, host);
  return [...files].flatMap(([path, { place }]) => {
    const source = program.getSourceFile(path);
    const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    return found.map(({ messageText, start = 0 }) => {
      const [page, first] = place.split(':');
      const line = Number(first) + (source?.getLineAndCharacterOfPosition(start).line ?? 0);
      return `${page}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}
