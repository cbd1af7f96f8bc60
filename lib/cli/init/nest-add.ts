import { initPlan, type OwnManifest } from './plan.js';

/** What the factory of a schematic is given, as far as it is used here: no devkit is needed to build it. */
interface SchematicTree {
  read(path: string): Uint8Array | null;
  create(path: string, text: string): void;
  overwrite(path: string, text: string): void;
}
interface SchematicContext {
  readonly logger: { info(text: string): void };
  addTask(task: { toConfiguration(): object }): unknown;
}
/** The Nest CLI hands on every flag that it does not know itself, so there may be others. */
interface NestAddOptions {
  readonly source?: string;
  readonly project?: string;
  readonly sourceRoot?: string;
  readonly skipInstall?: boolean;
}

/** The schematic `nest-add`, of a package with this manifest. */
export function nestAdd(own: OwnManifest) {
  return (options: NestAddOptions) =>
    (tree: SchematicTree, context: SchematicContext): SchematicTree => {
      const read = (path: string): string | undefined => {
        const bytes = tree.read(path);
        return bytes === null ? undefined : Buffer.from(bytes).toString('utf8');
      };
      const { changes, needsInstall, packageManager, notes } = initPlan({ read }, options, own);
      for (const { path, text, isNew } of changes) {
        if (isNew) tree.create(path, text);
        else tree.overwrite(path, text);
      }
      if (needsInstall && options.skipInstall !== true) {
        // NodePackageInstallTask of the devkit, whose executor the CLI brings; without our word it takes npm where it knows no lock file, as Bun's.
        const install = { command: 'install', quiet: true, ...(packageManager && { packageManager }) };
        context.addTask({ toConfiguration: () => ({ name: 'node-package', options: install }) });
      } else if (needsInstall) context.logger.info('package.json has new dependencies: please install them.');
      for (const note of notes) context.logger.info(note);
      return tree;
    };
}
