import { inspect } from 'node:util';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type } from 'arktype';
import type { SecretValidationError } from 'nestjs-hcp-vault';
import * as v from 'valibot';
import { z } from 'zod';
import * as z3 from 'zod/v3';
import { scripted } from '../support/scripted-connection.js';

async function refused(value: unknown, schema: StandardSchemaV1): Promise<SecretValidationError> {
  const set = scripted({ schema: { DB: schema } });
  set.backend.set('DB', { value });
  const error = (await set.client.fetch('DB').catch((thrown: unknown) => thrown)) as SecretValidationError;
  expect(`${inspect(error, { depth: 9, showHidden: true })}${JSON.stringify(error)}${error.message}`).not.toContain(
    'canary',
  );
  return error;
}

const schemas: [string, StandardSchemaV1][] = [
  ['zod', z.object({ port: z.number(), mail: z.email(), mode: z.enum(['a', 'b']) })],
  ['valibot', v.object({ port: v.number(), mail: v.pipe(v.string(), v.email()), mode: v.picklist(['a', 'b']) })],
  ['arktype', type({ port: 'number', mail: 'string.email', mode: "'a'|'b'" })],
];

describe.each(schemas)('a refusal of %s', (vendor, schema) => {
  it('given text where an object is wanted, when it is refused, then the types are told, and that the text holds JSON', async () => {
    const error = await refused('{"port":"canary"}', schema);
    expect(error.reason).toBe(
      `refused by its ${vendor} schema at: the whole value (expected object, got string). The value is text that holds JSON.`,
    );
    expect(error.advice).toContain('`json: true`');
    expect(error).toMatchObject({ secretName: 'DB', connection: 'default', sourceKind: 'scripted' });
    expect(error.issues).toMatchObject([{ path: '(the whole value)', vendor, expected: 'object', received: 'string' }]);
  });

  it('given other text there, when it is refused, then nothing is said of JSON', async () => {
    const { reason } = await refused('canary', schema);
    expect(reason).toBe(`refused by its ${vendor} schema at: the whole value (expected object, got string).`);
  });

  it('given parts of other types, forms and words, when they are refused, then codes and types are told, never values, nor words of the schema', async () => {
    const error = await refused({ port: 'canary', mail: 'canary', mode: 'canary' }, schema);
    expect(error.reason).toContain('port (expected number, got string)');
    const codes = {
      zod: ['invalid_format', 'invalid_value'],
      valibot: ['email', 'picklist'],
      arktype: ['pattern', 'union'],
    };
    const [form, choice] = codes[vendor as 'zod'];
    expect(error.reason).toContain(`mail (${form}), mode (${choice})`);
    expect(error.reason).not.toMatch(/"a"|'a'/);
  });

  it('given an empty object, when it is refused, then what is missing is told as nothing', async () => {
    expect((await refused({}, schema)).reason).toMatch(/port \((expected number, got nothing|missing)\)/);
  });
});

/** The same in each library: fields, a list, and records whose keys are the value's own. */
const withRecords: [string, StandardSchemaV1][] = [
  [
    'zod',
    z.object({
      top: z.record(z.string(), z.number()).optional(),
      hosts: z.array(z.object({ port: z.number() })),
      deep: z.record(z.string(), z.object({ inner: z.number() })),
      either: z.union([z.object({ left: z.number() }), z.strictObject({ right: z.number() })]).nullable(),
    }),
  ],
  [
    'zod 3',
    z3.object({
      top: z3.record(z3.string(), z3.number()).optional(),
      hosts: z3.array(z3.object({ port: z3.number() })),
      deep: z3.record(z3.string(), z3.object({ inner: z3.number() })),
    }) as StandardSchemaV1,
  ],
  [
    'valibot',
    v.object({
      top: v.optional(v.record(v.string(), v.number())),
      hosts: v.array(v.object({ port: v.number() })),
      deep: v.record(v.string(), v.object({ inner: v.number() })),
    }),
  ],
  [
    'arktype',
    type({
      'top?': { '[string]': 'number' },
      hosts: type({ port: 'number' }).array(),
      deep: { '[string]': { inner: 'number' } },
    }),
  ],
];

describe.each(withRecords)('places within a value that %s refuses', (_, schema) => {
  it.each(['canary', 'tok-canary-1', 'canary'.repeat(20_000), 'a\ncanary'])(
    'given records whose keys are secrets (%#), when refused, then the keys of the schema are told, and none of the value',
    async (key) => {
      const error = await refused(
        { top: { [key]: 'x' }, hosts: [{ port: 1 }, { port: 'x' }], deep: { [key]: { inner: 'x' } }, either: null },
        schema,
      );
      expect(error.issues.map(({ path }) => path).sort()).toEqual(['deep.….inner', 'hosts.1.port', 'top.…']);
      for (const { path } of error.issues) expect(error.reason).toContain(`${path} (expected number, got string)`);
    },
  );
});

describe('places within a value', () => {
  it('given a union and a lazy schema of zod, when refused, then the keys that are written in them are told', async () => {
    interface Tree {
      readonly name: number;
      readonly next?: Tree | undefined;
    }
    const tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.number(), next: tree.optional() }));
    const schema = z.object({ both: z.object({ a: z.number() }).and(z.object({ b: z.number() })), tree });
    const { issues } = await refused({ both: { a: 'x', b: 'x' }, tree: { name: 1, next: { name: 'x' } } }, schema);
    expect(issues.map(({ path }) => path)).toEqual(['both.a', 'both.b', 'tree.next.name']);
  });

  it('given a library that is not known, when refused, then a key is told where it is a short word', async () => {
    const paths = [
      ['port'],
      ['db_host', 0],
      ['tok-canary'],
      ['canary1'],
      ['canary'.repeat(9)],
      [Symbol('canary')],
      [''],
    ];
    const issues = paths.map((path) => ({ path, message: '' }));
    const schema = { '~standard': { version: 1, vendor: 'other', validate: () => ({ issues }) } } as StandardSchemaV1;
    const error = await refused({}, schema);
    expect(error.issues.map(({ path }) => path)).toEqual(['port', 'db_host.0', '…', '…', '…', '…', '…']);
  });

  it('given a path without end, when refused, then its beginning is told', async () => {
    const issues = [{ path: Array<string>(100_000).fill('next'), message: '' }];
    const schema = { '~standard': { version: 1, vendor: 'other', validate: () => ({ issues }) } } as StandardSchemaV1;
    const [issue] = (await refused({}, schema)).issues;
    expect(issue!.path).toBe(`${'next.'.repeat(16)}…`);
  });
});

describe('a refusal of somebody else', () => {
  it('given a library that is not known, whose codes are values, when it refuses, then the type is told, and nothing of its own', async () => {
    const issues = [
      { path: ['port'], message: 'canary', code: 'canary', type: 'canary', expected: 'canary', received: 'canary' },
    ];
    const schema = { '~standard': { version: 1, vendor: 'other', validate: () => ({ issues }) } } as StandardSchemaV1;
    const error = await refused({ port: 'canary' }, schema);
    expect(error.reason).toBe('refused by its other schema at: port (got string).');
  });

  it('given words that are none, when a known library tells them, then they are left out', async () => {
    const issues = [{ path: [], message: '', code: 'canary-1', expected: '"canary"' }];
    const schema = { '~standard': { version: 1, vendor: 'zod', validate: () => ({ issues }) } } as StandardSchemaV1;
    expect((await refused(new Uint8Array([1]), schema)).reason).toBe(
      'refused by its zod schema at: the whole value (got bytes).',
    );
  });

  it('given many places, when they are refused, then five are told, and how many more', async () => {
    const issues = Array.from({ length: 9 }, (_, index) => ({ path: [index], message: '' }));
    const schema = { '~standard': { version: 1, vendor: 'zod', validate: () => ({ issues }) } } as StandardSchemaV1;
    const error = await refused([], schema);
    expect(error.reason).toMatch(/4 \(missing\), and 4 more\.$/);
    expect(error.issues).toHaveLength(9);
  });
});
