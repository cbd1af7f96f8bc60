import { pages, proseOf } from './markdown.js';

/** Words that are read twice, and what stands for them. A phrase that may use one is taken out before. */
const REFUSED: readonly [RegExp, string][] = [
  [/\banew\b/i, 'again'],
  [/\b(?:is|are) none of\b/i, 'is not a'],
  [/\bis no (?:JSON|list|text|name|number)\b/i, 'is not a'],
  [/\balone\b/i, 'only'],
];
/** "By itself", and what the log says. */
const ALLOWED =
  /stands alone|left alone|leaves leases alone|alone or within|alone and as a fleet|secrets a day, alone|processes alone|announced what is no list|usual interval alone/gi;

const read = pages().filter((page) => page === 'README.md' || page.startsWith('docs/'));

describe('the words of the documentation', () => {
  it.each(read)('given %s, when it is read, then it has plain words', (page) => {
    const lines = proseOf(page).replaceAll(ALLOWED, '').split('\n');
    const found = REFUSED.flatMap(
      ([word, instead]) =>
      lines.filter((line) => word.test(line)).map((line) => `"${instead}" for ${word.exec(line)![0]}: ${line.trim().slice(0, 120)}`), // prettier-ignore
    );
    expect(found).toEqual([]);
  });
});
