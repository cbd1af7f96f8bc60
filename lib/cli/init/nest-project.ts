import { InitError } from './init-error.js';
import { maskedText } from './masked-text.js';
import { isObject, jsonFile, normalPath, type JsonObject, type ProjectFiles } from './project-files.js';

export type TestRunner = 'jest' | 'vitest';

/** What is known of a Nest app before anything is written. */
export interface NestProject {
  /** Folder of the app's sources, e.g. `src`, `apps/shop/src`. */
  readonly sourceRoot: string;
  /** The class that `main.ts` makes the app from; undefined where that can't be told. */
  readonly rootModule: { readonly className: string; readonly path: string } | undefined;
  /** What relative imports end in: `''`, `.js` or `.ts`. */
  readonly importSuffix: string;
  readonly manifest: JsonObject;
  /** What runs the tests, where `@nestjs/testing` is there too. */
  readonly testRunner: TestRunner | undefined;
  /** The app's name, safe in paths and between quotes. */
  readonly appName: string;
}

/** Which app of a project. `sourceRoot` is what the Nest CLI hands on, and wins. */
export interface AppChoice {
  readonly project?: string | undefined;
  readonly sourceRoot?: string | undefined;
}

/** @throws InitError where this is not a Nest project, or has no such app. */
export function nestProject(files: ProjectFiles, choice: AppChoice): NestProject {
  const manifest = jsonFile(files, 'package.json');
  if (!manifest) throw new InitError('there is no package.json here: run this in the folder of the app.');
  if (!hasPackage(manifest, '@nestjs/core')) {
    throw new InitError('package.json names no @nestjs/core: run this in the folder of a Nest app.');
  }
  const { name, sourceRoot, entryFile } = appOf(jsonFile(files, 'nest-cli.json') ?? {}, choice);
  const main = `${sourceRoot}/${entryFile}.ts`;
  const text = files.read(main);
  if (text === undefined)
    throw new InitError(`${main} is not there: name the app by --project, or run this in its folder.`);
  const imported = rootModuleIn(text);
  const suffix = /\.[jt]s$/.exec(imported?.from ?? '')?.[0];
  const path =
    imported && `${normalPath(`${sourceRoot}/${imported.from.slice(0, -(suffix?.length ?? 0) || undefined)}`)}.ts`;
  const known = path !== undefined && files.read(path) !== undefined;
  return {
    sourceRoot,
    rootModule: known ? { className: imported!.className, path } : undefined,
    importSuffix: suffix ?? (imported || manifest.type !== 'module' ? '' : '.js'),
    manifest,
    testRunner: hasPackage(manifest, '@nestjs/testing') ? testRunnerOf(manifest) : undefined,
    appName: safeName(name ?? manifest.name),
  };
}

interface NamedApp {
  readonly name?: string;
  readonly sourceRoot: string;
  readonly entryFile: string;
}

function appOf(nestCli: JsonObject, { project, sourceRoot }: AppChoice): NamedApp {
  const projects = isObject(nestCli.projects) ? nestCli.projects : {};
  const roots = Object.entries(projects).map(([name, app]) => [name, isObject(app) ? app : {}] as const);
  const wanted = sourceRoot ?? text(nestCli.sourceRoot) ?? 'src';
  const found = roots.find(([name, app]) =>
    project === undefined ? normalPath(text(app.sourceRoot) ?? '') === normalPath(wanted) : name === project,
  );
  if (project !== undefined && !found) {
    const there = roots.length > 0 ? `there are ${roots.map(([name]) => name).join(', ')}` : 'it has no projects';
    throw new InitError(`nest-cli.json has no project ${JSON.stringify(project)}: ${there}.`);
  }
  const [name, app] = found ?? [undefined, nestCli];
  const root = normalPath(project === undefined ? wanted : (text(app.sourceRoot) ?? `${text(app.root) ?? ''}/src`));
  if (root === '' || root.startsWith('..'))
    throw new InitError('the sources of the app are not in a folder of this project.');
  return {
    ...(name !== undefined && { name }),
    sourceRoot: root,
    entryFile: text(app.entryFile) ?? text(nestCli.entryFile) ?? 'main',
  };
}

/** What `NestFactory.create…(…)` is given, and where it is imported from. */
function rootModuleIn(main: string): { className: string; from: string } | undefined {
  const masked = maskedText(main);
  const created = masked && /\bNestFactory\s*\.\s*create\w*\s*(?:<[^()]*>)?\s*\(\s*([A-Za-z_$][\w$]*)/.exec(masked);
  if (!created) return undefined;
  const className = created[1]!;
  for (const match of masked.matchAll(/^import\s*\{([^}]*)\}\s*from\s*(['"])( *)\2/gm)) {
    if (!match[1]!.split(',').some((name) => name.trim() === className)) continue;
    const end = match.index + match[0].length - 1;
    const from = main.slice(end - match[3]!.length, end);
    return from.startsWith('.') ? { className, from } : undefined;
  }
  return undefined;
}

function testRunnerOf(manifest: JsonObject): TestRunner | undefined {
  const there = (['vitest', 'jest'] as const).filter((runner) => hasPackage(manifest, runner));
  const script = isObject(manifest.scripts) ? (text(manifest.scripts.test) ?? '') : '';
  return there.find((runner) => script.includes(runner)) ?? there[0];
}

export const hasPackage = (manifest: JsonObject, name: string): boolean =>
  ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'].some(
    (kind) => isObject(manifest[kind]) && name in manifest[kind],
  );

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function safeName(name: unknown): string {
  const plain = (text(name) ?? '').replace(/^@[^/]*\//, '');
  return /^[a-z0-9][\w-]*$/i.test(plain) ? plain : 'app';
}
