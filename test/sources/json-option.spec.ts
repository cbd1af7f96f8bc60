import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { directorySource, envSource, fileSource, type SecretSource } from 'nestjs-hcp-vault';
import { z } from 'zod';
import { HcpVaultClient } from '../../lib/core/client/hcp-vault-client.js';
import { SecretRuntime } from '../../lib/core/client/secret-runtime.js';
import { context, valuesOf } from './support/hcp.js';

const texts = {
  object: '{"user":"app","password":"canary"}',
  array: '[1]',
  digits: '007',
  scalar: 'true',
  broken: '{"a"',
  long: '{"id":12345678901234567890}',
};
const parsed = { ...texts, object: { user: 'app', password: 'canary' }, array: [1] };
const PREFIX = 'JSONTEST_';

describe('the option json', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'json-option-'));
    for (const [name, text] of Object.entries(texts)) {
      writeFileSync(join(folder, name), text);
      process.env[PREFIX + name] = text;
    }
    writeFileSync(join(folder, 'all.json'), JSON.stringify(texts));
    const lines = Object.entries(texts).map(([name, text]) => `${name}='${text}'`);
    writeFileSync(join(folder, 'all.env'), lines.join('\n'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    for (const name of Object.keys(texts)) delete process.env[PREFIX + name];
  });

  const SOURCES: readonly [string, (json?: boolean) => SecretSource][] = [
    ['fileSource of a .json file', (json) => fileSource(join(folder, 'all.json'), { json })],
    ['fileSource of an .env file', (json) => fileSource(join(folder, 'all.env'), { json })],
    ['directorySource', (json) => directorySource(folder, { json })],
    ['envSource', (json) => envSource({ prefix: PREFIX, json })],
  ];

  it.each(SOURCES)(
    'given %s with json, when read, then text that holds an object or array is one, and all else is as it is',
    async (_, make) => {
      const source = make(true);
      const names = Object.keys(texts);
      expect(valuesOf(await source.read(names, context()))).toEqual(parsed);
      expect(valuesOf(await source.readAll!(context()))).toMatchObject(parsed);
      expect(valuesOf(await make().read(names, context()))).toEqual(texts);
      expect(valuesOf(await make(false).read(names, context()))).toEqual(texts);
      await source.close?.();
    },
  );

  it.each(SOURCES)(
    'given %s with json and the schema of an object, when the app starts, then the schema that serves AWS serves it',
    async (_, make) => {
      const schema = { object: z.object({ user: z.string(), password: z.string() }) };
      const start = async (source: SecretSource) => {
        const runtime = new SecretRuntime({ source, schema });
        try {
          await runtime.bootstrap([{ name: 'object', need: 'required' }], 'decorated');
          return new HcpVaultClient(runtime).get('object');
        } finally {
          await runtime.shutdown();
        }
      };
      await expect(start(make(true))).resolves.toEqual(parsed.object);
      await expect(start(make(false))).rejects.toMatchObject({ code: 'SECRET_BOOTSTRAP' });
    },
  );

  it.each(SOURCES)('given %s, when json is not a boolean, then it is refused', (_, make) => {
    expect(() => make('yes' as never)).toThrow(/"json" .*true or false/);
  });
});
