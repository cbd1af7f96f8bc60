import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { fileSource } from '../../../lib/sources/file/index.js';
import { parseJsonFile } from '../../../lib/sources/file/json-file.parser.js';
import { yamlFileParser } from '../../../lib/sources/file/yaml-file.parser.js';
import { removeFolders, temporaryFolder } from '../../contract/support/temporary-folder.js';
import { context, failureOf, valuesOf } from '../support/hcp.js';
import { printed } from '../support/printed.js';

const canary = 'canary-yaml-5d07';

const contentOf = async (text: string) => (await yamlFileParser())(text);
const parsed = async (text: string) => Object.fromEntries((await contentOf(text)) as ReadonlyMap<string, unknown>);

describe('a .yaml file', () => {
  test('given entries of every kind, when parsed, then they are what a .json file with them gives', async () => {
    const text = `
text: a
number: 1.50
large: 12345678901234567890
yes: true
no: no
none: ~
empty:
quoted: "0123"
plain: 0123
date: 2024-01-02
block: |
  -----BEGIN
  -----END
object: { a: [1, { b: "}" }], c: null, d: 1.50 }
? [a, b]
: list
`;
    const json = `{"text":"a","number":1.50,"large":12345678901234567890,"yes":true,"no":"no","none":null,"empty":null,
      "quoted":"0123","plain":"0123","date":"2024-01-02","block":"-----BEGIN\\n-----END\\n","object":{"a":[1,{"b":"}"}],"c":null,"d":1.50},
      "[ a, b ]":"list"}`;
    expect(await parsed(text)).toEqual({
      ...Object.fromEntries(parseJsonFile(json) as Map<string, unknown>),
      plain: '0123',
    });
  });

  test('given numbers that JSON spells otherwise, when parsed, then alone they are as written, and within an object numbers', async () => {
    expect(await parsed('a: 0x1F\nb: .5\nc: { hex: 0x1F, octal: 0o17, half: .5, plus: +5, e: 1e3 }')).toEqual({
      a: '0x1F',
      b: '.5',
      c: { hex: 31, octal: 15, half: 0.5, plus: 5, e: 1000 },
    });
    expect(await parsed('a: .inf')).toEqual({ a: '.inf' });
  });

  test('given an object with an integer that a double can’t hold, when parsed, then it is JSON text, as in a .json file', async () => {
    expect(await parsed('account: { id: 12345678901234567890, of: b }')).toEqual({
      account: '{"id":12345678901234567890,"of":"b"}',
    });
  });

  test('given aliases and merges, when parsed, then they hold', async () => {
    expect(
      await parsed('base: &b { user: app, port: 1 }\ndb:\n  <<: *b\n  port: 2\nsame: *b\n<<: { extra: e }'),
    ).toEqual({
      base: { user: 'app', port: 1 },
      db: { user: 'app', port: 2 },
      same: { user: 'app', port: 1 },
      extra: 'e',
    });
  });

  test('given entries that nobody can take among good ones, when parsed, then they alone are errors, which quote nothing', async () => {
    const deep = '['.repeat(300) + ']'.repeat(300);
    const content = await parsed(
      `good: g\nencrypted: !vault ${canary}\nwithin: { a: &v !vault ${canary} }\nalias: *v\nbytes: !!binary ${canary}\ninfinite: { n: .inf }\ndeep: ${deep}\nloop: &l [*l]`,
    );
    const refused = expect.objectContaining({ code: 'SECRET_CONFIGURATION', sourceKind: 'file' });
    expect(content).toEqual({
      good: 'g',
      encrypted: refused,
      within: refused,
      alias: refused,
      bytes: refused,
      infinite: refused,
      deep: refused,
      loop: refused,
    });
    expect(content['encrypted']).toMatchObject({ secretName: 'encrypted' });
    for (const error of Object.values(content).slice(1)) expect(printed(error)).not.toContain(canary);
  });

  test.each([
    ['', 'holds no map of YAML'],
    ['- a', 'holds no map of YAML'],
    [canary, 'holds no map of YAML'],
    [`a: b\n${canary}`, 'is broken at line 2 (MISSING_CHAR)'],
    [`a: "${canary}`, 'is broken at line 1 (MISSING_CHAR)'],
    [`a: 1\na: ${canary}`, 'is broken at line 2 (DUPLICATE_KEY)'],
    [`a: 1\n---\nb: ${canary}`, expect.stringMatching(/^is broken at line \d \(MULTIPLE_DOCS\)$/)],
    [`a: *${canary}`, expect.stringContaining('aliases')],
  ])('given %j, when parsed, then the fault says what and where, and quotes nothing', async (text, fault) => {
    const content = await contentOf(text);
    expect(content).toEqual({ fault });
    expect(printed(content)).not.toContain(canary);
  });

  test('given aliases of aliases, when parsed, then the file is refused before they fill the memory', async () => {
    const lines = Array.from({ length: 12 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join()}]`);
    const started = Date.now();
    expect(await contentOf(`a0: &a0 [x]\n${lines.join('\n')}`)).toEqual({ fault: expect.stringContaining('aliases') });
    const wide = `a: &a ${'x'.repeat(200_000)}\nb: [${Array(90).fill('*a').join()}]`;
    expect(await contentOf(wide)).toEqual({ fault: expect.stringContaining('aliases') });
    expect(Date.now() - started).toBeLessThan(2_000);
  });

  test('given an own key __proto__, when parsed, then it is data', async () => {
    const content = (await contentOf('__proto__: { a: 1 }\nb: { __proto__: { c: 1 } }')) as ReadonlyMap<string, object>;
    expect([...content.keys()]).toEqual(['__proto__', 'b']);
    expect(Object.keys(content.get('b')!)).toEqual(['__proto__']);
    expect(parse('a: 1')).not.toHaveProperty('c');
  });
});

describe('JSON with comments', () => {
  test('given comments and commas at the end, when parsed, then they are passed over, and texts stay', () => {
    const text = `// first
{ /* of
 the kind */ "url": "https://a/b", // the "key"
  "text": "/* no */ // comment, \\" ,}",
  "list": [1, 2, /* last */ ], "object": { "a": 1.50, },
}`;
    expect(Object.fromEntries(parseJsonFile(text) as Map<string, unknown>)).toEqual({
      url: 'https://a/b',
      text: '/* no */ // comment, " ,}',
      list: [1, 2],
      object: { a: 1.5 },
    });
  });

  test.each([
    '{ "a": 1 /* ',
    '{ "a": 1,, }',
    '{ , }',
    '{ "a": /* */ }',
    '{ "a": 1 # no\n}',
    '{ "a": 1 } /* open',
    '{ "a": 1 } /*/',
    '{ "a": [,] }',
    '{ "a": 1 / }',
  ])('given %j, when parsed, then it is broken', (text) =>
    expect(parseJsonFile(text)).toEqual({ fault: 'holds no JSON object' }),
  );

  test('given a text without end, when parsed, then that takes no time', () => {
    const started = Date.now();
    for (const text of ['"', '/*', ',', '{"a":,', '\\"']) parseJsonFile(`{${text.repeat(200_000)}`);
    parseJsonFile(`{"a":1,${' '.repeat(500_000)}`);
    expect(Date.now() - started).toBeLessThan(2_000);
  });
});

describe('a format for files without an ending', () => {
  afterEach(removeFolders);

  test.each([
    ['env', 'KEY=a'],
    ['json', '{"KEY":"a"}'],
    ['yaml', 'KEY: a'],
  ] as const)('given %s, when read, then whatever its name is', async (format, text) => {
    for (const name of ['secrets', 'other.json']) {
      const path = join(temporaryFolder(), name);
      writeFileSync(path, text);
      expect(valuesOf(await fileSource(path, { format }).readAll(context()))).toEqual({ KEY: 'a' });
    }
  });

  test.each(['a.yaml', 'a.yml', 'a.jsonc'])('given %s, when read, then its ending tells', async (name) => {
    const path = join(temporaryFolder(), name);
    writeFileSync(path, '{"KEY":"a"}');
    expect(valuesOf(await fileSource(path).readAll(context()))).toEqual({ KEY: 'a' });
    writeFileSync(path, `{"KEY":"${canary}`);
    const error = await failureOf(fileSource(path).readAll(context()));
    expect(error).toMatchObject({ code: 'SECRET_SOURCE_UNAVAILABLE', message: expect.stringContaining(path) });
    expect(printed(error)).not.toContain(canary);
  });
});
