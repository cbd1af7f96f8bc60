import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compiledApp } from './support/apps.js';
import { unpacked } from './support/packed.js';
import { rowsIn, testRows } from './support/rows.js';

const project = await compiledApp('nest-11-floor', ['rows']);

testRows('the packed tarball in the oldest Nest that we take, of CommonJS', await rowsIn(project));

describe('the oldest Nest that we take', () => {
  it('given the peers of the package, when they are read, then the consumer has that version', async () => {
    const { peerDependencies } = JSON.parse(await readFile(join(unpacked, 'package.json'), 'utf8'));
    for (const name of ['@nestjs/common', '@nestjs/core']) {
      const path = join(project, 'node_modules', name, 'package.json');
      const { version } = JSON.parse(await readFile(path, 'utf8'));
      expect(peerDependencies[name]).toBe(`^${version} || ^12.0.0`);
    }
  });
});
