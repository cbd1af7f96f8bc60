import fc from 'fast-check';
import { toMilliseconds } from '../../lib/core/duration.js';
import { FieldPath } from '../../lib/core/secret/field-path.js';
import { fingerprint } from '../../lib/core/secret/fingerprint.js';
import { parseJsonDocument, parseJsonExactly } from '../../lib/core/secret/json.js';
import { copyIn } from '../../lib/core/secret/secret-value.js';
import { SecretVersion } from '../../lib/core/secret/secret-version.js';

const at = (path: string, value: unknown): unknown => FieldPath.parse(path).resolve(value, 'S');

describe('field paths', () => {
  it('given objects, arrays and text that holds JSON, when a path is followed, then it leads to the part', () => {
    expect(at('values.access_key_id', { values: { access_key_id: 'a' } })).toBe('a');
    expect(at('hosts.1.name', { hosts: [{}, { name: 'b' }] })).toBe('b');
    expect(at('a.b', '{"a":{"b":0}}')).toBe(0);
    expect(at('doc.x', { doc: '{"x":false}' })).toBe(false);
    expect(at('0', '["first"]')).toBe('first');
  });

  it.each(['', '.', 'values.', '.a', 'a..b'])(
    'given the malformed path "%s", when it is parsed, then it is refused',
    (path) => {
      expect(() => FieldPath.parse(path)).toThrow(expect.objectContaining({ code: 'SECRET_FIELD' }));
    },
  );

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
        fc.string({ minLength: 1 }).filter((key) => !key.includes('.')),
        fc.jsonValue(),
        (key, item) => {
          const value = copyIn(Object.fromEntries([[key, item]]));
          expect(at(key, value)).toEqual(item);
        },
      ),
    );
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

  it('given a circle, when it comes in, then it is refused, not followed for ever', () => {
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    expect(() => copyIn(circle)).toThrow(expect.objectContaining({ code: 'SECRET_CONFIGURATION' }));
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
    ['100', 100],
  ])('given %s, when it is read, then it is %s ms', (duration, milliseconds) => {
    expect(toMilliseconds(duration, 'o')).toBe(milliseconds);
  });

  it.each([['soon'], [''], [-1], [Number.NaN], [Number.POSITIVE_INFINITY], ['-5m'], [{} as string]])(
    'given %s, when it is read, then the error names the option',
    (duration) => {
      expect(() => toMilliseconds(duration, 'cache.maxAge')).toThrow('"cache.maxAge"');
    },
  );
});
