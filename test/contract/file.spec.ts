import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { fileSource } from '../../lib/sources/file/index.js';
import type { MakeSource } from '../../lib/testing/contract/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { envText } from './support/env-text.js';
import { ODD_NAMES } from './support/odd-names.js';
import { removeFolders, saveAtomically, temporaryFolder } from './support/temporary-folder.js';

const SPOILT = 'spoilt';
const yamlText = (values: Record<string, unknown>): string => stringify(values, { defaultStringType: 'QUOTE_DOUBLE' });

/** A file that is saved whole at each change, as an administrator’s tool does. */
const fileOf =
  (name: string, serialize: (values: Record<string, unknown>) => string): MakeSource =>
  (seed) => {
    const path = join(temporaryFolder(), name);
    const values = new Map<string, unknown>(Object.entries(seed));
    const save = () =>
      saveAtomically(path, serialize(Object.fromEntries(values)).replace(`"${SPOILT}"`, '{"n":1e999}'));
    save();
    return {
      source: fileSource(path),
      rotate: (secret, value) => {
        values.set(secret, value);
        save();
      },
      remove: (secret) => {
        values.delete(secret);
        save();
      },
      ...(!name.endsWith('.env') && {
        spoil: (secret: string) => {
          values.set(secret, SPOILT);
          save();
        },
      }),
      fail: () => rmSync(path),
      recover: save,
    };
  };

afterAll(removeFolders);

const without = ['canonicalName', 'write'] as const;
describeSecretSource('file (.json)', fileOf('secrets.json', JSON.stringify), {
  values: ['text', 'object'],
  names: ['', ...ODD_NAMES],
  without,
});
describeSecretSource('file (.yaml)', fileOf('secrets.yaml', yamlText), {
  values: ['text', 'object'],
  names: ['', ...ODD_NAMES],
  without,
});
describeSecretSource('file (.env)', fileOf('.env', envText), {
  names: ['a.b', '__proto__', 'constructor', '1', '-'],
  without,
});
