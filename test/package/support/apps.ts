import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { installedConsumer, root } from './packed.js';
import { runWell } from './run.js';

const consumers = join(root, 'test/package/consumers');

/** An installed consumer with what it takes of the files and folders that consumers share, compiled by its own TypeScript. */
export async function compiledApp(
  consumer: string,
  shared: readonly string[] = ['app.ts', 'main.ts'],
  compiler = 'typescript-5',
): Promise<string> {
  const project = await installedConsumer(consumer);
  for (const name of shared) await cp(join(consumers, 'shared', name), join(project, name), { recursive: true });
  await runWell(process.execPath, [join(project, 'node_modules', compiler, 'lib/tsc.js'), '-p', '.'], { cwd: project });
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
