import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { textOf } from './markdown.js';

const page = 'docs/security.md';

/** The lines of a section. */
function section(title: string): string[] {
  const [, body = ''] = textOf(page).split(`\n## ${title}\n`);
  return body.split('\n## ')[0]!.split('\n');
}

/** What it names as a test, from the root of the repository. */
const testsIn = (line: string): string[] => [...line.matchAll(/\]\(\.\.\/(test\/[^)#]+)\)/g)].map(([, file]) => file!);

const promises = section('Promises').filter((line) => /^\d+\. /.test(line));
const onTheWire = section('On the wire').filter((line) => line.startsWith('- '));
/** Who attacks: a row of the threat model each. */
const attackers = section('Threat model').filter((line) => /^\| (?!-|who attacks)/.test(line));
/** What is hidden: rows in bold tell what is not. */
const hidden = section('What is hidden, and what is not').filter((line) => /^\| (?!-|thing|\*\*)/.test(line));

describe('docs/security.md', () => {
  it('given its promises, when they are counted, then they are the contract’s nine, and the other lists are there', () => {
    expect([promises.length, attackers.length > 11, onTheWire.length > 3, hidden.length > 6]).toEqual([
      9,
      true,
      true,
      true,
    ]);
  });

  it.each([...promises, ...attackers, ...onTheWire, ...hidden])(
    'given "%s", when its tests are looked up, then they are there',
    (line) => {
      const tests = testsIn(line);
      expect(tests.length).toBeGreaterThan(0);
      for (const file of tests)
        expect([file, file.endsWith('.spec.ts') && existsSync(join(process.cwd(), file))]).toEqual([file, true]);
    },
  );

  it('given an attacker, when his row is read, then it says what is not promised, too', () => {
    for (const row of attackers) expect([row, row.split('|').at(-2)!.trim().length > 3]).toEqual([row, true]);
  });

  it('given the limits, when they are read, then those that users fall over are among them', () => {
    const limits = section('Limits').join('\n');
    for (const word of ['diagnostics_channel', 'Names are not secrets', 'constructor', 'heap dump', '`VaultClient`']) {
      expect(limits + section('What is hidden, and what is not').join('\n')).toContain(word);
    }
  });
});
