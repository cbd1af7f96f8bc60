import { readdirSync, readFileSync } from 'node:fs';
import { extname } from 'node:path';

// The compiler copies no such files: they are read where they stand.
const folder = new URL('../../sample-app/page/', import.meta.url);
const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

const html = readFileSync(new URL('page.html', folder), 'utf8');
const parts = new Map(
  readdirSync(folder).flatMap((name) => {
    const type = TYPES[extname(name)];
    return type === undefined ? [] : [[name, { type, content: readFileSync(new URL(name, folder)) }] as const];
  }),
);

/** The page, with a state for its script. */
export function page(state: object): string {
  const json = JSON.stringify(state).replaceAll('<', '\\u003c');
  return html.replace('"STATE"', () => json);
}

export const partOfThePage = (name: string): { readonly type: string; readonly content: Uint8Array } | undefined =>
  parts.get(name);
