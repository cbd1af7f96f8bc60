// `npm run recipes`: runs every recipe under load while its login is rotated (test/recipes/*.load.spec.ts), and prints the table of what failed.
// With --write the table goes into docs/recipes/README.md. A part of a file's name, e.g. `npm run recipes -- pg`, runs those only.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const ORDERS = ['database first', 'secret first', 'users by turns'];
const [write, ...parts] = process.argv.slice(2).sort((one) => (one === '--write' ? -1 : 1));
const isWritten = write === '--write';
if (!isWritten && write) parts.unshift(write);
if (isWritten && parts.length > 0) throw new Error('--write needs every recipe: name none.');

const rows = mkdtempSync(join(tmpdir(), 'recipe-rows-'));
const pattern = `test/recipes/.*(${parts.join('|')}).*\\.load\\.spec\\.ts$`;
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'scripts/test.mjs'),
    '--selectProjects',
    'source',
    `--testPathPatterns=${pattern}`,
    '--maxWorkers=1',
    '--silent',
    '--forceExit', // now and then the pool of knex (MikroORM) keeps its timer after it was destroyed
  ],
  { cwd: root, stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, RECIPE_ROWS: rows } },
);
const table = tableOf(readdirSync(rows).map((file) => JSON.parse(readFileSync(join(rows, file), 'utf8'))));
rmSync(rows, { recursive: true });
process.stdout.write(`${table}\n`);
if (status === 0 && isWritten) {
  const page = join(root, 'docs/recipes/README.md');
  const text = readFileSync(page, 'utf8');
  writeFileSync(page, text.replace(/(?<=<!-- made by npm run recipes -->\n)[^]*?(?=<!-- end -->)/, `\n${table}\n\n`));
  spawnSync('npx', ['prettier', '--write', '--log-level', 'warn', page], { cwd: root, stdio: 'inherit' });
}
process.exit(status ?? 1);

function tableOf(seen) {
  const recipes = new Map();
  for (const row of seen) {
    if (!recipes.has(row.recipe)) recipes.set(row.recipe, { orders: {} });
    const recipe = recipes.get(row.recipe);
    recipe.page = row.page;
    recipe.server = row.server;
    recipe.orders[row.order] = row.reason ?? `${row.failed} of ${row.operations.toLocaleString('en')}`;
    recipe.alive = Math.max(recipe.alive ?? 0, row.alive ?? 0);
  }
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const body = [...recipes]
    .sort(([one], [other]) => one.localeCompare(other, 'en'))
    .map(([name, { page, server, orders, alive }]) =>
      line([`[${name}](${page})`, server, ...ORDERS.map((order) => orders[order] ?? ''), alive || '']),
    );
  return [
    line(['recipe', 'server', ...ORDERS.map((order) => `failed, ${order}`), 'alive at once']),
    line(['---', '---', '---', '---', '---', '---']),
    ...body,
  ].join('\n');
}
