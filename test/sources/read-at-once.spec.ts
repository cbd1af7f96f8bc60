import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CredentialFile } from '../../lib/sources/hcp-vault-secrets/credential-file.js';
import { VaultEnvironment } from '../../lib/sources/vault/client/vault.environment.js';
import { tlsOf } from '../../lib/sources/vault/client/vault.tls.js';
import { readAtOnce } from '../../lib/sources/watch/index.js';
import { removeFolders, temporaryFolder } from '../contract/support/temporary-folder.js';

afterEach(removeFolders);

/** A folder with a pipe that nobody writes into, which would hold up the process for ever. */
function pipeIn(name: string) {
  const folder = temporaryFolder();
  execFileSync('mkfifo', [join(folder, name)]);
  return { folder, path: join(folder, name) };
}

describe('files that are read at once', () => {
  test('given a pipe, a device without end and a large file, when read, then each is refused', () => {
    const { folder, path } = pipeIn('pipe');
    const large = join(folder, 'large');
    writeFileSync(large, Buffer.alloc(4 * 1024 * 1024 + 1));
    expect(() => readAtOnce(path)).toThrow('is not a regular file');
    expect(() => readAtOnce('/dev/zero')).toThrow('is not a regular file');
    expect(() => readAtOnce(large)).toThrow('is larger than');
    writeFileSync(large, Buffer.alloc(200_000, 'x'));
    expect(readAtOnce(large)).toEqual(Buffer.alloc(200_000, 'x'));
    expect(readAtOnce('/proc/self/cmdline').length).toBeGreaterThan(0); // its size is said to be 0
  });

  test('given a pipe in each place that reads so, when read, then none waits for it', () => {
    const { folder, path } = pipeIn('.vault-token');
    const refused = expect.objectContaining({ code: 'SECRET_CONFIGURATION' });
    const environment = new VaultEnvironment({ HOME: folder });
    expect(environment.token).toBeUndefined();
    for (const tls of [{ caFile: path }, { certFile: path, keyFile: path }]) {
      expect(() => tlsOf(tls, environment).read()).toThrow(refused);
    }
    expect(() => CredentialFile.read(path)).toThrow(refused);
  });
});
