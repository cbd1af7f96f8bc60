import { envSource } from '../../lib/sources/env/index.js';
import type { MakeSource, SourcePart } from '../../lib/testing/contract/index.js';
import { describeSecretSource } from '../../lib/testing/contract/index.js';

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

const without: readonly SourcePart[] = ['canonicalName', 'close', 'fail', 'watch', 'write'];
describeSecretSource('env (with a prefix)', environmentOf('CONTRACT_TEST_'), {
  names: ['a.b', 'with space', 'ключ', '100%', 'a/b', '..'],
  without,
});
describeSecretSource('env (all of it)', environmentOf(''), { without: [...without, 'list', 'readAll'] });
