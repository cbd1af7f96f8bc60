import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { installedConsumer, root } from './packed.js';
import { runWell } from './run.js';

const consumers = join(root, 'test/package/consumers');

/** An installed consumer with the app that all of them share, compiled by its own TypeScript. */
export async function compiledApp(consumer: string): Promise<string> {
  const project = await installedConsumer(consumer);
  for (const file of ['app.ts', 'main.ts']) await cp(join(consumers, 'shared', file), join(project, file));
  await runWell(process.execPath, [join(project, 'node_modules/typescript-5/lib/tsc.js'), '-p', '.'], { cwd: project });
  return project;
}

/** What `main.ts` has to print: each place before and after the rotation. */
export const observed = { before: seen(1, 1), after: seen(1, 2) };

function seen(atConstruction: number, now: number): Record<string, string> {
  return {
    parameter: `key-${atConstruction}`,
    property: `key-${now}`,
    field: `user-${now}`,
    ref: `key-${now}`,
    config: `key-${now}`,
    configField: `user-${now}`,
    loaded: `key-${now}`,
    client: `key-${now}`,
  };
}
