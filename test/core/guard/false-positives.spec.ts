import { randomBytes, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guarded, named } from './guarded-connection.js';

async function texts(folder: string, ending: RegExp): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const chosen = files.filter((file) => file.isFile() && ending.test(file.name));
  return Promise.all(chosen.map((file) => readFile(join(file.parentPath, file.name), 'utf8')));
}

describe('ordinary text', () => {
  it('given 2,000 secrets as apps have them, when documents, sources and libraries are masked, then not one place is', async () => {
    const kinds = [
      () => randomBytes(24).toString('base64'),
      () => randomBytes(9).toString('hex'),
      () => randomUUID(),
      () => ({ engine: 'postgres', host: 'localhost', port: 5432, username: 'application', dbname: 'postgres', password: randomBytes(8).toString('base64url') }),
      () => 'production',
      () => 'localhost:5432',
    ]; // prettier-ignore
    const secrets = Array.from({ length: 2000 }, (_, index) => kinds[index % kinds.length]!());
    const { guard, runtime } = await guarded(named(secrets));
    const found = [
      ...(await texts('docs', /\.md$/)),
      ...(await texts('lib', /\.ts$/)),
      ...(await texts('node_modules/@nestjs', /\.js$/)),
    ];
    expect(found.join('').length).toBeGreaterThan(1_000_000);
    expect(found.filter((text) => guard.mask(text) !== text).length).toBe(0);
    expect(guard.status().caught).toEqual({});
    await runtime.shutdown();
  });
});
