import { exampleEnvironment, ignoringEnvironment } from './environment-files.js';
import { InitError } from './init-error.js';
import { hasPackage, nestProject, type AppChoice, type NestProject } from './nest-project.js';
import { BYTE_ORDER_MARK, isObject, type JsonObject, type ProjectFiles } from './project-files.js';
import { withImportedModule, type RootModuleEdit } from './root-module.js';
import { DEFAULT_SOURCE, sourceNamed } from './source-choice.js';
import { EXAMPLE, exampleTest, SECRETS_MODULE, secretsFile } from './written-files.js';

const LOCK_FILES = {
  'pnpm-lock.yaml': 'pnpm',
  'yarn.lock': 'yarn',
  'bun.lock': 'bun',
  'bun.lockb': 'bun',
} as const;
export type PackageManager = (typeof LOCK_FILES)[keyof typeof LOCK_FILES];

/** Of this package, as its package.json has it. */
export interface OwnManifest {
  readonly name: string;
  readonly version: string;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export interface InitOptions extends AppChoice {
  /** A name of SOURCES; DEFAULT_SOURCE without it. */
  readonly source?: string | undefined;
}

export interface FileChange {
  readonly path: string;
  readonly text: string;
  readonly isNew: boolean;
}

/** What is to be written, and said. Nothing has been written yet. */
export interface InitPlan {
  readonly changes: readonly FileChange[];
  /** Whether package.json has got a dependency that is still to be installed. */
  readonly needsInstall: boolean;
  /** By its lock file beside package.json; undefined where there is none, or npm's. */
  readonly packageManager?: PackageManager;
  /** Lines for the reader. */
  readonly notes: readonly string[];
}

/**
 * What makes a Nest app one with secrets. A second time it changes nothing.
 * @throws InitError before anything is written, where it can't be done.
 */
export function initPlan(files: ProjectFiles, options: InitOptions, own: OwnManifest): InitPlan {
  const source = sourceNamed(options.source ?? DEFAULT_SOURCE);
  const project = nestProject(files, options);
  const root = editedRoot(files, project);
  if (root.edit.kind === 'foreign') {
    return {
      changes: [],
      needsInstall: false,
      notes: notesOfForeign(root.path, options, project, own),
    };
  }
  const secrets = `${folderOf(project)}/secrets.ts`;
  const there = files.read(secrets);
  if (there !== undefined && !new RegExp(`export const ${SECRETS_MODULE}\\b`).test(there)) {
    throw new InitError(`${secrets} is there, and exports no ${SECRETS_MODULE}: rename it first. Nothing was changed.`);
  }
  // What is there has been chosen, and taken out what is not: only what is needed for it is seen to.
  const isFirst = there === undefined;
  const manifest = withDependencies(project.manifest, isFirst ? source.peers : [], own);
  const wanted: [path: string, text: string | undefined][] = [
    ['package.json', manifest && inFormOf(files.read('package.json')!, manifest)],
    [root.path, root.edit.kind === 'changed' ? root.edit.text : undefined],
  ];
  if (isFirst) {
    wanted.push(
      ['.env.example', exampleEnvironment(files.read('.env.example'), source)],
      ['.gitignore', ignoringEnvironment(files.read('.gitignore'))],
      [`${folderOf(project)}/secrets.spec.ts`, testOf(files, project)],
      // Last, for its being there says that all is.
      [secrets, secretsFile(source, project.appName)],
    );
  }
  const changes = wanted.flatMap(([path, text]) => {
    const before = files.read(path);
    return text === undefined || text === before ? [] : [{ path, text, isNew: before === undefined }];
  });
  const lock = Object.entries(LOCK_FILES).find(([name]) => files.read(name) !== undefined);
  return {
    changes,
    needsInstall: manifest !== undefined,
    ...(lock && { packageManager: lock[1] }),
    notes: [...notesOf(project, root, isFirst ? undefined : secrets), ...notesOfConfig(files, root.path)],
  };
}

interface RootModule {
  readonly path: string;
  readonly edit: RootModuleEdit;
}

function editedRoot(files: ProjectFiles, { rootModule, importSuffix }: NestProject): RootModule {
  if (!rootModule) return { path: 'The root module', edit: { kind: 'unclear' } };
  const { path, className } = rootModule;
  const module = { name: SECRETS_MODULE, from: `./secrets${importSuffix}` };
  return { path, edit: withImportedModule(files.read(path)!, className, module) };
}

/** Beside the root module. */
function folderOf({ rootModule, sourceRoot }: NestProject): string {
  return rootModule ? rootModule.path.slice(0, rootModule.path.lastIndexOf('/')) : sourceRoot;
}

function testOf(files: ProjectFiles, project: NestProject): string | undefined {
  if (!project.testRunner) return undefined;
  const there = files.read(`${folderOf(project)}/secrets.spec.ts`);
  return there ?? exampleTest(project.testRunner, hasPackage(project.manifest, '@types/jest'));
}

/** Undefined where nothing is missing. */
function withDependencies(manifest: JsonObject, peers: readonly string[], own: OwnManifest): JsonObject | undefined {
  const wanted = {
    [own.name]: `^${own.version}`,
    ...Object.fromEntries(peers.map((name) => [name, own.peerDependencies[name]])),
  };
  const missing = Object.entries(wanted).filter(([name]) => !hasPackage(manifest, name));
  if (missing.length === 0) return undefined;
  const before = isObject(manifest.dependencies) ? manifest.dependencies : {};
  const dependencies = Object.entries({ ...before, ...Object.fromEntries(missing) });
  return {
    ...manifest,
    dependencies: Object.fromEntries(dependencies.sort(([one], [other]) => (one < other ? -1 : 1))),
  };
}

/** JSON, indented and ended as the text that it replaces. */
function inFormOf(before: string, value: JsonObject): string {
  const [mark = ''] = BYTE_ORDER_MARK.exec(before) ?? [];
  const [, indent = '  '] = /^\ufeff?\{\r?\n([ \t]+)/.exec(before) ?? [];
  const text = mark + JSON.stringify(value, null, indent) + (/\n$/.test(before) ? '\n' : '');
  return before.includes('\r\n') ? text.replaceAll('\n', '\r\n') : text;
}

/** `ConfigModule` would copy the file of the secrets into the environment of the process, and show what they were at the start. */
function notesOfConfig(files: ProjectFiles, path: string): string[] {
  const text = files.read(path) ?? '';
  if (!/\bConfigModule\.forRoot\b/.test(text) || /\b(?:ignoreEnvFile|envFilePath)\b/.test(text)) return [];
  return [`ConfigModule in ${path} copies .env into process.env: give it ignoreEnvFile: true, or another envFilePath.`];
}

/** For an app that has the module by hand: what was not done, and how it goes on. */
function notesOfForeign(path: string, { source }: InitOptions, project: NestProject, own: OwnManifest): string[] {
  const lacking = Object.keys(withDependencies(project.manifest, [], own)?.dependencies ?? {}).includes(own.name);
  const given = source === undefined ? '' : `, the source ${source}`;
  return [
    `${path} names HcpVaultModule already: nothing was changed.`,
    `Not written: secrets.ts with types of the secrets${given}, secrets.spec.ts, .env.example, and the line for .env in .gitignore.`,
    ...(lacking ? [`package.json does not name ${own.name}: install it.`] : []),
    `Next: @InjectSecret('NAME') private readonly name!: string; where a secret is wanted, and its name in SecretTypes.`,
    `To have the files written, take HcpVaultModule out of ${path}, run this again, and put its options into secrets.ts.`,
  ];
}

function notesOf(project: NestProject, root: RootModule, kept: string | undefined): string[] {
  const notes: string[] = [];
  if (root.edit.kind === 'unclear') {
    notes.push(
      `${root.path} is not of a form that could be changed for sure. Please add to it:`,
      `  import { ${SECRETS_MODULE} } from './secrets${project.importSuffix}';`,
      `  @Module({ imports: [${SECRETS_MODULE}, …] })`,
    );
  }
  if (kept !== undefined) return [...notes, `${kept} is there, and was left as it is.`];
  if (!project.testRunner) notes.push('No example test: the project has no jest or vitest with @nestjs/testing.');
  return [
    ...notes,
    `Next: write ${EXAMPLE}=… into .env, and where it is wanted: @InjectSecret('${EXAMPLE}') private readonly key!: string;`,
    'Start the app, change .env, and it shows the new value. Add secrets to SecretTypes as you go.',
  ];
}
