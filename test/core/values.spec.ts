import fc from 'fast-check';
import { toMilliseconds } from '../../lib/core/duration.js';
import { FieldPath } from '../../lib/core/secret/field-path.js';
import { fingerprint } from '../../lib/core/secret/fingerprint.js';
import { jsonMembers, memberValue } from '../../lib/core/secret/json-fields.js';
import { parseJsonDocument, parseJsonExactly } from '../../lib/core/secret/json.js';
import { copyIn, deepFreeze } from '../../lib/core/secret/secret-value.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';
import type { FieldOf, FieldPathOf } from '../../lib/core/secret/typed-names.js';

const at = (path: string, value: unknown): unknown => FieldPath.parse(path).resolve(value, 'S');

describe('field paths', () => {
  it('given objects, arrays and text that holds JSON, when a path is followed, then it leads to the part', () => {
    expect(at('values.access_key_id', { values: { access_key_id: 'a' } })).toBe('a');
    expect(at('hosts.1.name', { hosts: [{}, { name: 'b' }] })).toBe('b');
    expect(at('a.b', '{"a":{"b":0}}')).toBe(0);
    expect(at('doc.x', { doc: '{"x":false}' })).toBe(false);
    expect(at('0', '["first"]')).toBe('first');
  });

  it('given segments in brackets and quotes, when followed, then they may hold dots, beside plain ones', () => {
    const value = { data: { 'tls.crt': { x: 1, 'a.b': ['c'] } }, a: 'plain', "it's": 2, '': 3, 'x[0]': 4, 'y]': 5 };
    expect(at("data['tls.crt'].x", value)).toBe(1);
    expect(at(`["data"]["tls.crt"]['a.b'].0`, value)).toBe('c');
    expect(at(`data["tls.crt"]['a.b']['0']`, value)).toBe('c');
    expect(at('["a"]', value)).toBe('plain');
    expect(at(`["it's"]`, value)).toBe(2);
    expect(at("['']", value)).toBe(3);
    expect(at('x[0]', value)).toBe(4);
    expect(at("['y]']", value)).toBe(5);
    expect(at("['tls.crt']", '{"tls.crt":"in text"}')).toBe('in text');
    expect(() => at("data['tls.crt'].y", value)).toThrow(`"data['tls.crt']" is there, and has no "y"`);
    expect(() => at("data['tls.key']", value)).toThrow('"data" is there, and has no "tls.key"');
  });

  it('given typed secrets, when their paths are spelled, then keys with dots stand in brackets', () => {
    type Typed = { data: { 'tls.crt': string; 'a.b': { c: number } }; hosts: { name: string }[] };
    const paths: FieldPathOf<Typed>[] = ["data['tls.crt']", 'data["a.b"]', "data['a.b'].c", 'hosts.0.name', 'data'];
    // @ts-expect-error -- the dot would divide it
    const wrong: FieldPathOf<Typed> = 'data.tls.crt';
    const crt: FieldOf<Typed, "data['tls.crt']"> = 'text';
    const c: FieldOf<Typed, 'data["a.b"].c'> = 1;
    const name: FieldOf<Typed, 'hosts.0.name'> = 'n';
    expect([paths.length, wrong, crt, c, name]).toEqual([5, 'data.tls.crt', 'text', 1, 'n']);
  });

  it('given text with numbers that a double can’t hold, when a path is followed, then these are text, and nothing else is taken away', () => {
    const text =
      '{"id":12345678901234567890,"huge":1e999,"low":-1E+400,"user":"app","inner":{"n":9007199254740993,"d":1.5}}';
    expect(at('user', text)).toBe('app');
    expect(at('id', text)).toBe('12345678901234567890');
    expect(at('huge', text)).toBe('1e999');
    expect(at('low', text)).toBe('-1E+400');
    expect(at('inner', text)).toEqual({ n: '9007199254740993', d: 1.5 });
    expect(at('n', `{"n":${'9'.repeat(400)}}`)).toBe('9'.repeat(400));
    expect(at('t', '{"t":"12345678901234567890 and 1e999"}')).toBe('12345678901234567890 and 1e999');
  });

  it.each([
    ['[', ']', '0'],
    ['{"a":', '}', 'a'],
  ])(
    'given text nested by %s without end, when a path is followed, then it is refused, and nothing overflows',
    (open, close, path) => {
      for (const depth of [201, 100_000]) {
        const text = open.repeat(depth) + (open === '[' ? '' : '1') + close.repeat(depth);
        expect(() => at(path, text)).toThrow(expect.objectContaining({ code: 'SECRET_FIELD' }));
        expect(() => at(path, text)).toThrow('JSON nested deeper than 200 levels');
      }
      expect(() => at(path, open.repeat(100_000))).toThrow(expect.objectContaining({ code: 'SECRET_FIELD' }));
      const shallow = open.repeat(200) + (open === '[' ? '' : '1') + close.repeat(200);
      expect(at(path, shallow)).toBeDefined();
    },
  );

  it.each([
    '',
    '.',
    'values.',
    '.a',
    'a..b',
    "['a",
    "a['b'",
    'a["b"',
    `['a"]`,
    "['a']b",
    "a.['b']",
    "['a'].",
    "['a']..b",
    "['a'x]",
  ])('given the malformed path "%s", when it is parsed, then it is refused', (path) => {
    expect(() => FieldPath.parse(path)).toThrow(expect.objectContaining({ code: 'SECRET_FIELD' }));
  });

  it.each([
    '__proto__',
    'constructor',
    'toString',
    'a.constructor',
    'list.length',
    'list.push',
    'list.01',
    'list.-1',
    'text.length',
    'bytes.0',
  ])('given the inherited or unreal part "%s", when it is followed, then there is none', (path) => {
    const value = { a: {}, list: ['x'], text: 'abc', bytes: new Uint8Array([1]) };
    expect(() => at(path, value)).toThrow(expect.objectContaining({ code: 'SECRET_FIELD', secretName: 'S' }));
  });

  it('given a path that leads nowhere, when it fails, then the error names the deepest part that exists, and no value', () => {
    const value = { values: { user: 'canary' } };
    expect(() => at('values.password.x', value)).toThrow('"values" is there, and has no "password"');
    expect(() => at('values.user.x', value)).toThrow(
      '"values.user" is text that holds no JSON object or array, and has no fields',
    );
    expect(() => at('values.user.x', value)).not.toThrow('canary');
  });

  it('given any JSON object with any own key that a path can name, when it is followed, then it gives what the key holds', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1 }).filter((key) => !/\.|\[['"]/.test(key)),
        fc.jsonValue(),
        (key, item) => {
          const value = copyIn(Object.fromEntries([[key, item]]));
          expect(at(key, value)).toEqual(item);
        },
      ),
    );
    fc.assert(
      fc.property(
        fc.string().filter((key) => !key.includes("'")),
        fc.string().filter((key) => !key.includes('"')),
        (outer, inner) => {
          const value = copyIn(Object.fromEntries([[outer, Object.fromEntries([[inner, 'found']])]]));
          expect(at(`['${outer}']["${inner}"]`, value)).toBe('found');
        },
      ),
    );
  });
});

describe('members of a JSON object', () => {
  it('given an object in text, when it is divided, then each member is there as it is written, the last of a name', () => {
    const text = ' {"a" : 1.50, "b":"x,}\\"y", "c":{"d":[1,{"e":"}"}]},"a":2.0,"f":null, "":true } ';
    expect(jsonMembers(text)).toEqual([
      { name: 'a', raw: '2.0' },
      { name: 'b', raw: '"x,}\\"y"' },
      { name: 'c', raw: '{"d":[1,{"e":"}"}]}' },
      { name: 'f', raw: 'null' },
      { name: '', raw: 'true' },
    ]);
    expect(jsonMembers('{}')).toEqual([]);
  });

  it.each(['', 'text', '[1]', '"{}"', '5', 'null', '{"a":1', '{a:1}'])(
    'given %j, which is not an object, when it is divided, then it has no members',
    (text) => {
      expect(jsonMembers(text)).toBeUndefined();
    },
  );

  it('given members, when they become secrets, then text is text, numbers are as written, objects are objects, and null is none', () => {
    const raws = ['"x\\n"', '1.50', 'true', '{"a":[1]}', '[1,2]', '{"id":12345678901234567890}', 'null'];
    expect(raws.map(memberValue)).toEqual([
      'x\n',
      '1.50',
      'true',
      { a: [1] },
      [1, 2],
      '{"id":12345678901234567890}',
      undefined,
    ]);
  });
});

describe('JSON in text', () => {
  it.each([
    ['{"a":1}', true],
    [' [1,2] ', true],
    ['5432', false],
    ['"text"', false],
    ['true', false],
    ['{broken', false],
    ['{"n":9007199254740992}', true],
    ['{"n":9007199254740993}', false],
    ['{"n":-12345678901234567890}', false],
    ['{"n":1.5,"t":"9007199254740993"}', true],
    ['{"n":1e3}', true],
  ])('given %s, when it is looked into, then it is a document: %s', (text, isDocument) => {
    expect(parseJsonDocument(text) !== undefined).toBe(isDocument);
  });

  it('given JSON with integers that a double can’t hold, when parsed exactly, then these are the text of their digits, and all else is as it was', () => {
    const text =
      '{"id":123456789012345678,"at":-98765432109876543210,"fits":9007199254740992,"text":"12345678901234567890\\"1","list":[1234567890123456.5,1e21,7]}';
    expect(parseJsonExactly(text)).toEqual({
      id: '123456789012345678',
      at: '-98765432109876543210',
      fits: 9007199254740992,
      text: '12345678901234567890"1',
      list: [1234567890123456.5, 1e21, 7],
    });
    expect(parseJsonExactly(`{"n":${'9'.repeat(400)},"a":1}`)).toEqual({ n: '9'.repeat(400), a: 1 });
    expect(() => parseJsonExactly('{')).toThrow(SyntaxError);
  });
});

describe('values on their way in', () => {
  it('given an object, when it comes in, then readers get a frozen copy', () => {
    const mine = { list: [{ a: 1 }], gone: undefined };
    const value = copyIn(mine) as { list: { a: number }[] };
    mine.list[0]!.a = 2;
    expect(value).toEqual({ list: [{ a: 1 }] });
    expect(() => value.list.push({ a: 3 })).toThrow(TypeError);
    expect(() => ((value.list[0] as { a: number }).a = 4)).toThrow(TypeError);
  });

  it('given a key named __proto__, when it comes in, then it is data, and no prototype changes', () => {
    const value = copyIn(JSON.parse('{"__proto__":{"admin":true}}')) as object;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect((value as { admin?: boolean }).admin).toBeUndefined();
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });

  it.each([
    [5],
    [null],
    [undefined],
    [true],
    [() => 1],
    [new Date()],
    [{ a: new Map() }],
    [{ a: Number.NaN }],
    [{ a: 1n }],
  ])('given %s, when it comes in, then it is refused with a clear error', (value) => {
    expect(() => copyIn(value)).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
  });

  it.each([
    [null, 'value is null. Give a string'],
    [undefined, 'value is undefined. Give'],
    [5, 'value is a number. Give'],
    [true, 'value is a boolean. Give'],
    [() => 1, 'value is a function. Give'],
  ])('given %s, when it comes in, then the error says what it is', (value, text) => {
    expect(() => copyIn(value)).toThrow(text);
  });

  it('given a circle, when it comes in, then it is refused, not followed for ever', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(() => copyIn(circle)).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
  });

  it('given what is nested too deep, when it comes in or is frozen, then it is refused by name of the fault, and nothing overflows', () => {
    const deep = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)) as object;
    expect(() => copyIn(deep)).toThrow('nested deeper than 200 levels');
    expect(Object.isFrozen(deepFreeze(deep))).toBe(true);
  });

  it('given dates that can’t be read, when a version is made, then they are none', () => {
    const odd = new Date(Number.NaN);
    expect(SecretVersion.of('x', { createdAt: odd, expiresAt: 'tomorrow' as never })).toMatchObject({
      createdAt: undefined,
      expiresAt: undefined,
    });
    const date = new Date(8.64e15);
    expect(SecretVersion.of('x', { createdAt: date }).createdAt).toBe(date);
  });

  it('given bytes, when they are read, then each reader has a copy of their own', () => {
    const bytes = Uint8Array.of(1, 2);
    const version = SecretVersion.of(bytes);
    bytes[0] = 9;
    const first = version.value as Uint8Array;
    first[1] = 9;
    expect(version.value).toEqual(Uint8Array.of(1, 2));
  });
});

describe('fingerprints', () => {
  it('given equal values, when they are compared, then key order makes no difference, and kinds do', () => {
    expect(fingerprint({ a: 1, b: [2] })).toBe(fingerprint({ b: [2], a: 1 }));
    expect(fingerprint('a')).not.toBe(fingerprint(new TextEncoder().encode('a')));
    expect(fingerprint('{"a":1}')).not.toBe(fingerprint({ a: 1 }));
    for (const [one, other] of [
      [1, '1'],
      [null, 'null'],
      [true, 'true'],
      [[1], ['1']],
      [
        [[1], 2],
        [1, [2]],
      ],
      [{ b: 1 }, { c: 1 }],
    ]) {
      expect(fingerprint({ a: one })).not.toBe(fingerprint({ a: other }));
    }
    // a schema or a hook may make what is not JSON
    expect(fingerprint({ a: undefined })).not.toBe(fingerprint({ a: 'undefined' }));
    expect(SecretVersion.of('x').version).toBe(SecretVersion.of('x').version);
    expect(SecretVersion.of('x').version).toMatch(/^[\w-]{22}$/);
  });
});

describe('durations', () => {
  it.each([
    [1500, 1500],
    ['25m', 1_500_000],
    ['1.5h', 5_400_000],
    [' 90s ', 90_000],
  ])('given %s, when it is read, then it is %s ms', (duration, milliseconds) => {
    expect(toMilliseconds(duration, 'o')).toBe(milliseconds);
  });

  it.each([
    ['soon'],
    [''],
    [-1],
    [Number.NaN],
    [Number.POSITIVE_INFINITY],
    ['-5m'],
    ['100'],
    [' 1.5 '],
    [{} as string],
  ])('given %s, when it is read, then the error names the option', (duration) => {
    expect(() => toMilliseconds(duration, 'cache.maxAge')).toThrow('"cache.maxAge"');
  });
});
