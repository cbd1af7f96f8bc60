import { proseOf } from './markdown.js';

const rows = [...proseOf('docs/glossary.md').matchAll(/^\| \*\*(.+?)\*\* +\| (.+?) +\|$/gm)].map(([, word, meaning]) => ({ word: word!, meaning: meaning! })); // prettier-ignore
const words = rows.flatMap(({ word }) => word.split(', '));

describe('docs/glossary.md', () => {
  it('given the words of the contract, when they are looked up, then each is there', () => {
    const wanted = ['source', 'secret', 'field', 'version', 'dynamic secret', 'lease', 'connection', 'refresh', 'renewal', 'rotation', 'stale', 'ref', 'decorated', 'overlap', 'tier', 'channel', 'reader']; // prettier-ignore
    expect(wanted.filter((word) => !words.includes(word))).toEqual([]);
  });

  it('given its words, when they are read in their order, then that is the alphabet, and none is there twice', () => {
    const inOrder = [...new Set(words)].sort((one, other) => one.localeCompare(other, 'en'));
    expect(rows.map(({ word }) => word)).toEqual(rows.map(({ word }) => word).sort((one, other) => one.localeCompare(other, 'en'))); // prettier-ignore
    expect(words.length).toBe(inOrder.length);
  });

  it.each(rows)('given $word, when it is read, then it leads to where it is explained', ({ meaning }) => {
    expect(meaning).toMatch(/\]\([^)]+\)\)\.$/);
  });
});
