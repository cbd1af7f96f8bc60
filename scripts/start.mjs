// `npm start`: bundles the package and runs the sample app on it. Without the compiler, which would take most of a minute: `npm run typecheck` is for types.
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle, writeBundles } from './bundle.mjs';

const app = fileURLToPath(new URL('../.sample-app', import.meta.url));
rmSync(app, { recursive: true, force: true });
await Promise.all([
  writeBundles(),
  bundle('sample-app/main.ts', { dir: app, format: 'es', preserveModules: true, preserveModulesRoot: 'sample-app' }),
]);
await import('../.sample-app/main.js');
