import { parseAllDocuments } from 'yaml';
import { pages, textOf } from './markdown.js';

/** Blocks of JSON and YAML, also those that a shell hands on (`<<'YAML'`). */
const blocks = pages().flatMap((page) =>
  [
    ...textOf(page).matchAll(/^```(json|yaml|yml)\n([^]*?)^```$/gm),
    ...textOf(page).matchAll(/<<'(JSON|YAML)'\n([^]*?)\n\1$/gm),
  ].map(({ index, 1: kind, 2: text, input }) => ({
    place: `${page}:${input.slice(0, index).split('\n').length}`,
    kind: kind!.toLowerCase(),
    text: text!,
  })),
);

describe('the documents in the documentation', () => {
  it.each(blocks)('given the $kind at $place, when it is parsed, then it is whole', ({ kind, text }) => {
    if (kind === 'json') expect(typeof JSON.parse(text)).toBe('object');
    else expect(parseAllDocuments(text).flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('given the pages, when they are searched, then there are such documents', () => {
    expect(blocks.length).toBeGreaterThan(10);
  });
});
