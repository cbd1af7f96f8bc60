import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { anchorsOf, pages, proseOf } from './markdown.js';

describe.each(pages())('links of %s', (page) => {
  it('given its relative links, when they are followed, then each leads to a file, and to a heading where it names one', () => {
    const dead: string[] = [];
    for (const [, target] of proseOf(page).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target!)) continue;
      const [path = '', anchor] = target!.split('#');
      const file = path === '' ? page : join(dirname(page), path);
      if (!existsSync(file) || (anchor !== undefined && !anchorsOf(file).includes(anchor))) dead.push(target!);
    }
    expect(dead).toEqual([]);
  });
});
