// The reference of each entry of the package, from the docstrings, by TypeDoc: pages of its own beside VitePress', with a search of its own, so that
// a thousand names do not hide the pages that tell how they are used. A warning is an error: what a public type refers to is exported, or named in
// NOT_EXPORTED.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Application, LogLevel } from 'typedoc';
import { NOT_EXPORTED } from './not-exported.mjs';
import { root } from './pages.mjs';

const { compilerOptions } = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** Classes whose public name is a type's alias, of which there would be one line: they have a page by their file. */
const CLASSES = {
  HcpVaultClient: 'lib/core/client/hcp-vault-client.ts',
  HcpVaultTestClient: 'lib/testing/module/hcp-vault-test.client.ts',
};

/** What TypeDoc calls a module, by the name that is imported. */
const MODULES = new Map([
  ...Object.entries(compilerOptions.paths).map(([name, [file]]) => [file.slice(2).replace(/\/index\.ts$/, ''), name]),
  ...Object.entries(CLASSES).map(([name, file]) => [file.replace(/\.ts$/, ''), name]),
]);

/** Writes the pages into the folder. Answers how many modules there are. */
export async function writeApi(folder) {
  const files = [...Object.values(compilerOptions.paths).flat(), ...Object.values(CLASSES)];
  const app = await Application.bootstrap({
    entryPoints: files.map((file) => join(root, file)),
    tsconfig: join(root, 'tsconfig.build.json'),
    name: `nestjs-hcp-vault ${version}`,
    titleLink: '../index.html',
    navigationLinks: { Documentation: '../index.html' },
    basePath: root,
    readme: 'none',
    excludePrivate: true,
    excludeProtected: true,
    excludeInternal: true,
    excludeExternals: true,
    disableSources: true,
    skipErrorChecking: true, // `npm run typecheck` looks for those
    hideGenerator: true,
    githubPages: false,
    logLevel: LogLevel.Warn,
    intentionallyNotExported: NOT_EXPORTED,
  });
  const project = await app.convert();
  if (!project) throw new Error('TypeDoc: the entries do not compile.');
  for (const module of project.children ?? []) module.name = MODULES.get(module.name) ?? module.name;
  app.validate(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) throw new Error('TypeDoc has errors or warnings: see above.');
  await app.generateDocs(project, folder);
  return MODULES.size;
}
