// The JavaScript of the package: a few files an entry, straight from TypeScript in a second, so that an import costs few reads.
//   node scripts/bundle.mjs [folder]
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';
import { withOptionalImports } from './optional-imports.mjs';
import { withPureClasses } from './pure-classes.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));

/** The source of each entry by the name of its file: what the compiler takes for `nestjs-hcp-vault/vault` is `vault.js` here. */
const entries = Object.fromEntries(
  Object.entries(compilerOptions.paths).map(([name, [source]]) => [name.split('/')[1] ?? 'index', source]),
);

/** Packages are imported, but for the helpers of oxc's transform: those are not a dependency of ours. */
const isExternal = (id) => !/^[./\0]|^@oxc-project\/runtime\//.test(id);

/** Node takes a file of plain ASCII as it is, and holds it in half the memory: one "…" in a text would cost each import a millisecond. */
const inPlainLetters = (code) =>
  code.replace(/\P{ASCII}/gu, (letter) =>
    letter.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );

/** Bundles TypeScript as `tsc` would compile it, decorators' metadata included. A warning of the bundler is a fault of the build. */
export async function bundle(input, output) {
  const made = await rolldown({
    cwd: root, // what is written must not depend on where it is run
    input,
    external: isExternal,
    platform: 'node',
    tsconfig: false,
    transform: {
      target: compilerOptions.target,
      decorator: { legacy: compilerOptions.experimentalDecorators, emitDecoratorMetadata: compilerOptions.emitDecoratorMetadata }, // prettier-ignore
    },
    experimental: { attachDebugInfo: 'none' },
    onLog(_, { message }) {
      throw new Error(message);
    },
  });
  const { output: files } = await made.write({
    exports: 'named',
    minifyInternalExports: false, // whoever reads it shall find the names of the sources
    comments: { legal: true, annotation: true, jsdoc: false }, // those of the declarations are what editors show
    ...output,
  });
  await made.close();
  // Two of one name in a chunk: one gets a `$1`, which is a class's name in errors, logs and Nest's messages.
  for (const { fileName, code = '' } of files) {
    const [renamed] = /\bclass \w+\$\d+\b|\b\w+\$\d+ = class\b/.exec(code) ?? [];
    if (renamed) throw new Error(`${fileName}: ${renamed}. Another there is called so: rename one in lib.`);
    // Lines stay as they are, and with them what source maps lead to.
    if (/\.js$/.test(fileName))
      writeFileSync(join(output.dir, fileName), inPlainLetters(withPureClasses(withOptionalImports(code))));
  }
}

/** A module, and all that import it at once, and not where they use it. */
function importersOf(id, context) {
  const seen = new Set([id]);
  for (const module of seen) for (const importer of context.getModuleInfo(module)?.importers ?? []) seen.add(importer);
  return [...seen];
}

/** What apps load at each start: each kilobyte of it costs them. */
const MAIN = 'index';
/** Entries that need Nest; what another one has a part of does not. */
const HAVE_NEST = [MAIN, 'testing', 'guard', 'terminus'];

/**
 * What entries share is in chunks, so that there is one of each class, whichever entries an app imports; and in as few as can be, as each costs an import
 * about a millisecond: `core` is what a client without Nest needs too, `nest` what the main entry, `guard` and `testing` share beyond it, `backends` what
 * entries of backends share and the main entry has no need of, or loads when it is used.
 */
function chunkOf(id, context) {
  if (id.startsWith('\0')) return 'core'; // the bundler's own helpers
  const importers = importersOf(id, context);
  const names = Object.keys(entries).filter((name) => importers.includes(resolve(root, entries[name])));
  const isLoadedLater = importers.some((importer) => context.getModuleInfo(importer)?.dynamicImporters.length > 0);
  const isShared = names.length > 1 || (names.includes(MAIN) && isLoadedLater);
  if (!isShared) return null;
  if (!names.includes(MAIN)) return 'backends';
  return names.some((name) => !HAVE_NEST.includes(name)) ? 'core' : 'nest';
}
/** What an option of an app's makes it load together is one file: each costs a start about a millisecond. */
const LOADED_TOGETHER = {
  audit: /\/(?:audit|audited-client|audited-places)\.ts$/,
  'kept-entries': /\/core\/shared\/(?:shared-entry|slot|opened-keys)\.ts$/, // of what is shared, by whichever cache
};
const together = Object.entries(LOADED_TOGETHER).map(([name, test]) => ({ name, test, priority: 0 }));
// A chunk takes what its modules import along, unless another of a higher priority has it.
const groups = ['backends', 'nest', 'core'].map((chunk, priority) => ({
  debugName: chunk,
  priority: priority + 1,
  name: (id, context) => (chunkOf(id, context) === chunk ? chunk : null),
}));
const shared = { chunkFileNames: 'chunks/[name].js', codeSplitting: { groups: [...together, ...groups] } };

/**
 * Writes the command line into the folder. It is a program, not an import: with chunks of its own it changes no entry's, and a command loads what it needs.
 * ES modules only, for its `await` stands outside of functions; nobody debugs it by maps.
 */
export async function writeProgram(dir) {
  await bundle({ cli: 'lib/cli/main.ts' }, { dir, format: 'es', chunkFileNames: 'cli/[name].js' });
  chmodSync(join(dir, 'cli.js'), 0o755);
}

/**
 * Writes `esm` and `cjs` into the folder.
 *
 * ES modules have source maps that hold the sources: Node takes these files for `import` and for `require`. CommonJS is there for Jest and for bundlers,
 * which don't read maps of packages; theirs would make the tarball larger by half.
 */
export async function writeBundles(folder = join(root, 'dist')) {
  for (const name of ['esm', 'cjs']) rmSync(join(folder, name), { recursive: true, force: true });
  // Sources as they are seen from `dist`, wherever the folder is.
  const sourcemapPathTransform = (source, map) =>
    relative(join(root, 'dist', relative(folder, dirname(map))), resolve(dirname(map), source));
  const esm = { ...shared, dir: join(folder, 'esm'), format: 'es', sourcemap: true, sourcemapPathTransform };
  await bundle(entries, esm);
  await writeProgram(join(folder, 'esm'));
  const schematic = { 'nest-add': 'lib/cli/init/nest-add.ts' }; // Nest's command line requires it
  // Jest's CommonJS knows no import(): there what is loaded lazily is required, as the compiler has it.
  await bundle(
    { ...entries, ...schematic },
    { ...shared, dir: join(folder, 'cjs'), format: 'cjs', dynamicImportInCjs: false },
  );
  mkdirSync(join(folder, 'cjs'), { recursive: true });
  // The root package.json says "module"; the nearest one decides, so the CommonJS tree carries its own.
  writeFileSync(join(folder, 'cjs/package.json'), '{"type":"commonjs"}\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await writeBundles(process.argv[2] === undefined ? undefined : resolve(process.argv[2]));
}
