import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { peerDependenciesMeta } = JSON.parse(
  readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'),
);
const optional = Object.keys(peerDependenciesMeta).filter((name) => peerDependenciesMeta[name].optional);
const names = optional.map((name) => name.replace(/[/.]/g, '\\$&')).join('|');

/** `() => import("yaml")`, and what the bundler makes of it for CommonJS: `() => Promise.resolve().then(() => __toESM(require("yaml"), 1))`. */
const OF_MODULES = new RegExp(`\\(\\) => (import\\("(?:${names})"\\))`, 'g');
const OF_COMMONJS = new RegExp(
  `\\(\\) => Promise\\.resolve\\(\\)\\.then\\(\\(\\) => ((?:/\\*[^*]*\\*/ )?[\\w.]*__toESM\\(require\\("(?:${names})"\\), 1\\))\\)`,
  'g',
);

/**
 * Puts each import of an optional peer that is made when it is used into a `try`: esbuild and webpack take it for one that may fail then. Else an app that
 * is bundled into one file would have to install what it never uses: `yaml` for a `.env` file. Lines stay as they are.
 */
export function withOptionalImports(code) {
  const tried = (expression) => `{ try { return ${expression}; } catch (error) { throw error; } }`;
  return code
    .replace(OF_MODULES, (_, expression) => `async () => ${tried(`await ${expression}`)}`)
    .replace(OF_COMMONJS, (_, expression) => `async () => ${tried(expression)}`);
}
