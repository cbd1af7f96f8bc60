import { parseEnvFile } from '../../../lib/sources/file/env-file.parser.js';

const parsed = (text: string) => {
  const content = parseEnvFile(text);
  return 'fault' in content ? content.fault : Object.fromEntries(content);
};

describe('a .env file', () => {
  test.each([
    ['plain', 'A=1\nB=two words\n', { A: '1', B: 'two words' }],
    ['spaces', '  A = spaced  \n\tB=1', { A: 'spaced', B: '1' }],
    ['export', 'export A=1\n  export   B="q"\nexport=5', { A: '1', B: 'q', export: '5' }],
    ['empty values', 'A=\nB=""\nC=  \nD=x', { A: '', B: '', C: '', D: 'x' }],
    ['equal signs', 'A=x=y==', { A: 'x=y==' }],
    ['colon', 'A: 1', { A: '1' }],
    ['comments', '# a\n  # b\nA=1 # c\nB="x#y" # d\nC=x#y', { A: '1', B: 'x#y', C: 'x' }],
    ['all quotes', 'A=\'a\'\nB="b"\nC=`c\'"`', { A: 'a', B: 'b', C: 'c\'"' }],
    ['several lines', 'A="-----BEGIN\nabc\n-----END"\nB=\'x\n\ny\'', { A: '-----BEGIN\nabc\n-----END', B: 'x\n\ny' }],
    ['escaped line breaks', 'A="a\\nb"\nB=\'a\\nb\'\nC=a\\nb', { A: 'a\nb', B: 'a\\nb', C: 'a\\nb' }],
    ['escaped quotes', 'A="a\\"b"', { A: 'a\\"b' }],
    ['line ends of Windows', 'A=1\r\nB="x\r\ny"\r\n', { A: '1', B: 'x\ny' }],
    ['no expansion', 'A=$B\nB="${A}"', { A: '$B', B: '${A}' }],
    ['JSON', 'A={"a":1}\nB=\'{"a":[1]}\'', { A: '{"a":1}', B: '{"a":[1]}' }],
    ['a name given twice', 'A=1\nA=2', { A: '2' }],
    ['nothing', '\n\n', {}],
  ])('given %s, when parsed, then it reads as dotenv does', (_, text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  test.each([
    ['half a name', 'A=1\nSOME_KE', 2],
    ['a quote that is not closed', 'A=1\n\nB="x\nC=2', 3],
    ['a quote closed by a later line’s', 'A="x\nB="y"', 1],
    ['text that is not an assignment', 'A=1\nB="x\ny"\nthis is a secret', 4],
    ['a name with a space', 'MY NAME=1', 1],
  ])('given %s, when parsed, then the fault names the line and quotes nothing', (_, text, line) => {
    expect(parsed(text)).toBe(
      `is broken at line ${line}: neither an assignment, nor a comment, nor a value whose quotes are closed`,
    );
  });

  test('given names that prototypes know, when parsed, then they are secrets like any other', () => {
    const content = parseEnvFile('__proto__=p\nconstructor=c');
    expect([...(content as ReadonlyMap<string, unknown>)]).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
    ]);
  });
});
