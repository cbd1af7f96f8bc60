import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { declarationsText } from '../../lib/cli/types/declarations.js';
import { AskedSource } from '../../lib/cli/contents/asked-source.js';
import { contentsOf } from '../../lib/cli/contents/held-secrets.js';
import { memorySource } from '../../lib/sources/memory/index.js';
import { called } from './support/called.js';

const declared = async (values: Record<string, object | string>, connection?: string) =>
  declarationsText(await contentsOf(AskedSource.of(memorySource(values))), { connection });

const SHAPES = {
  DB: {
    port: 5432,
    user: 'canary-user',
    tls: true,
    hosts: [{ name: 'canary-a', weight: 1 }, { name: 'canary-b' }],
    none: null,
  },
  API_KEY: 'canary-key',
  LIST: ['canary-a', 1, [true]],
  'app/db.main': { 'dotted.key': 'canary' },
  "it's": '1',
  EMPTY: {},
  NONE: [],
  BYTES: Uint8Array.of(1),
};

const TEXT = `// Written by "nestjs-hcp-vault types": names and shapes of secrets, no values. Write it again when these change.
import 'nestjs-hcp-vault';

declare module 'nestjs-hcp-vault' {
  interface SecretTypes {
    API_KEY: string;
    BYTES: Uint8Array;
    DB: {
      hosts: {
        name: string;
        weight?: number;
      }[];
      none: null;
      port: number;
      tls: boolean;
      user: string;
    };
    EMPTY: Record<string, never>;
    LIST: (boolean[] | number | string)[];
    NONE: unknown[];
    'app/db.main': {
      'dotted.key': string;
    };
    "it's": string;
  }
}
`;

describe('types', () => {
  test('given secrets of all shapes, when declared, then names and shapes stand there, no values, in one order', async () => {
    expect(await declared(SHAPES)).toBe(TEXT);
    expect(await declared(Object.fromEntries(Object.entries(SHAPES).reverse()))).toBe(TEXT);
  });

  test('given another connection, when declared, then it is one of ConnectionSecretTypes', async () => {
    expect(await declared({ KEY: { a: '1' } }, 'reports')).toMatch(
      /interface ConnectionSecretTypes \{\n {4}reports: \{\n {6}KEY: \{\n {8}a: string;\n {6}\};\n {4}\};\n {2}\}/,
    );
  });

  test('given what is written, when TypeScript reads it, then names and fields are checked', async () => {
    const { createProgram, getPreEmitDiagnostics, flattenDiagnosticMessageText } = await import('typescript');
    const folder = mkdtempSync(join(tmpdir(), 'cli-types-'));
    try {
      writeFileSync(join(folder, 'secrets.d.ts'), TEXT);
      writeFileSync(
        join(folder, 'app.ts'),
        "import type { SecretTypes } from 'nestjs-hcp-vault';\ndeclare const s: SecretTypes;\nexport const port: number = s.DB.port;\nexport const bad: string = s.DB.port;\n",
      );
      const root = fileURLToPath(new URL('../..', import.meta.url));
      const program = createProgram([join(folder, 'secrets.d.ts'), join(folder, 'app.ts')], {
        noEmit: true,
        strict: true,
        types: [],
        skipLibCheck: true,
        moduleResolution: 100,
        module: 99,
        target: 9,
        experimentalDecorators: true,
        paths: { 'nestjs-hcp-vault': [join(root, 'lib/core/secret/secret-types.ts')] },
      });
      const messages = getPreEmitDiagnostics(program).map(({ messageText }) =>
        flattenDiagnosticMessageText(messageText, '\n'),
      );
      expect(messages).toEqual(["Type 'number' is not assignable to type 'string'."]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test('given --out, when called, then the file is written where it differs; and with --check it is looked at only', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'cli-types-'));
    try {
      const [env, out] = [join(folder, 'app.env'), join(folder, 'secrets.d.ts')];
      writeFileSync(env, 'API_KEY=canary-one\nDB={"port":5432}\n');
      const types = (...more: string[]) => called(['types', '--source', `file:${env}?json`, '--out', out, ...more]);
      expect(await types('--check')).toMatchObject({ code: 1 });
      expect(await types()).toMatchObject({ code: 0, out: '', err: '2 secrets: written\n' });
      const text = readFileSync(out, 'utf8');
      expect(text).toMatch(/API_KEY: string;\n {4}DB: \{\n {6}port: number;/);
      expect(text).not.toMatch(/canary/);
      writeFileSync(env, 'API_KEY=canary-two\nDB={"port":1}\n');
      expect(await types('--check')).toMatchObject({ code: 0 });
      expect(await types()).toMatchObject({ err: '2 secrets: unchanged\n' });
      writeFileSync(env, 'API_KEY=canary-two\nDB={"port":"1"}\n');
      expect(await types('--check')).toMatchObject({ code: 1 });
      expect(await called(['types', '--source', `file:${env}`, '--check'])).toMatchObject({ code: 2 });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
