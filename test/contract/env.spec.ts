import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { envSource } from '../../lib/sources/env/index.js';
import type { MakeSource, SourcePart } from '../../lib/testing/contract/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';
import { removeFolders, saveAtomically, temporaryFolder } from './support/temporary-folder.js';

const environmentOf =
  (prefix: string): MakeSource =>
  (seed) => {
    const set = new Set<string>();
    const put = (name: string, value: unknown) => {
      set.add(prefix + name);
      process.env[prefix + name] = String(value);
    };
    for (const [name, value] of Object.entries(seed)) put(name, value);
    return {
      source: envSource({ prefix }),
      rotate: put,
      remove: (name) => delete process.env[prefix + name],
      dispose: () => {
        for (const variable of set) delete process.env[variable];
      },
    };
  };

/** The values in files that the variables name. */
const filesOf =
  (prefix: string): MakeSource =>
  (seed) => {
    const folder = temporaryFolder();
    const set = new Map<string, string>();
    const put = (name: string, value: unknown) => {
      const path = set.get(name) ?? join(folder, String(set.size));
      set.set(name, path);
      saveAtomically(path, `${String(value)}\n`);
      process.env[`${prefix}${name}_FILE`] = path;
    };
    const remove = (name: string) => {
      delete process.env[`${prefix}${name}_FILE`];
      rmSync(set.get(name)!);
    };
    for (const [name, value] of Object.entries(seed)) put(name, value);
    return {
      source: envSource({ prefix }),
      rotate: put,
      remove,
      dispose: () => {
        for (const name of set.keys()) delete process.env[`${prefix}${name}_FILE`];
      },
    };
  };

afterAll(removeFolders);

const names = ['a.b', 'with space', 'ключ', '100%', 'a/b', '..'];
const without: readonly SourcePart[] = ['canonicalName', 'fail', 'write'];
describeSecretSource('env (with a prefix)', environmentOf('CONTRACT_TEST_'), { names, without: [...without, 'watch'] });
describeSecretSource('env (all of it)', environmentOf(''), { without: [...without, 'list', 'readAll', 'watch'] });
describeSecretSource('env (files that variables name)', filesOf('CONTRACT_FILES_'), { names, without });
