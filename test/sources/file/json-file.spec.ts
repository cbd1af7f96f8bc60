import fc from 'fast-check';
import { parseJsonFile } from '../../../lib/sources/file/json-file.parser.js';

const parsed = (text: string) => Object.fromEntries(parseJsonFile(text) as ReadonlyMap<string, unknown>);

describe('a .json file', () => {
  test('given members of every kind, when parsed, then text, objects and arrays stay, and other scalars become their text', () => {
    const text =
      '{ "text": "a\\"}b", "object": {"a": [1, {"b": "}"}]}, "list": [1,"]"], "number": 1.50, "large": 12345678901234567890, "yes": true, "none": null, "": "e" }';

    expect(parsed(text)).toEqual({
      text: 'a"}b',
      object: { a: [1, { b: '}' }] },
      list: [1, ']'],
      number: '1.50',
      large: '12345678901234567890',
      yes: 'true',
      '': 'e',
    });
  });

  test('given an object with an integer that a double can’t hold, when parsed, then it stays its text', () => {
    expect(parsed('{"account": {"id": 12345678901234567890}}')).toEqual({ account: '{"id": 12345678901234567890}' });
  });

  test('given a member twice, when parsed, then the last one counts', () => {
    expect(parsed('{"a":"1","b":"1","a":"2","b":null}')).toEqual({ a: '2' });
  });

  test.each(['', '[]', '"text"', '1', 'null', '{', '{"a":1', '{"a":1}}', "{'a':1}"])(
    'given %j, when parsed, then the fault says so and quotes nothing',
    (text) => {
      expect(parseJsonFile(text)).toEqual({ fault: 'holds no JSON object' });
    },
  );

  test('given any JSON object, however it is spaced, when parsed, then structured members and texts are those of JSON.parse', () => {
    const member = fc.oneof(fc.string(), fc.object({ withNullPrototype: false }), fc.array(fc.jsonValue()));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), member), fc.constantFrom(undefined, 2, '\t'), (values, space) => {
        const text = JSON.stringify(values, undefined, space);
        const expected = JSON.parse(text) as Record<string, unknown>;
        const entries = [...(parseJsonFile(text) as ReadonlyMap<string, unknown>)];
        expect(entries.map(([name]) => name).sort()).toEqual(Object.keys(expected).sort());
        for (const [name, value] of entries) {
          const same = typeof value === 'string' && typeof expected[name] === 'object' ? JSON.parse(value) : value;
          expect(same).toEqual(expected[name]);
        }
      }),
    );
  });
});
