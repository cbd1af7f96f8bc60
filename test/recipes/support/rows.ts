import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Which side has a changed login first, or that there are two users who take turns. */
export const ORDERS = ['database first', 'secret first', 'users by turns'] as const;
export type Order = (typeof ORDERS)[number];

/** What a test saw of one recipe in one order. */
export interface Row {
  readonly recipe: string;
  /** The page in docs/recipes, e.g. `pg.md`. */
  readonly page: string;
  /** Name and version of the other side. */
  readonly server: string;
  readonly order: Order;
  readonly operations: number;
  readonly failed: number;
  /** The most resources that were alive at once, as the other side counts them; undefined where it can't tell one from the next. */
  readonly alive: number | undefined;
  /** Why the recipe does not serve this order. */
  readonly reason?: string | undefined;
}

/** `npm run recipes` names the folder that rows are collected in; elsewhere nobody reads them. */
export function writeRow(row: Row): void {
  const folder = process.env['RECIPE_ROWS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${row.recipe}-${row.order}.json`.replaceAll(/[^\w.-]+/g, '-')), JSON.stringify(row));
}
