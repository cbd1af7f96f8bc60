import { execFileSync } from 'node:child_process';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { removeFolders, temporaryFolder } from '../contract/support/temporary-folder.js';
import { called } from './called.js';

const folder = temporaryFolder();
const [pipe, huge, folderOfFiles] = [join(folder, 'pipe'), join(folder, 'huge.json'), folder];

beforeAll(() => {
  execFileSync('mkfifo', [pipe]);
  writeFileSync(huge, 'canary');
  truncateSync(huge, 33 * 1024 * 1024); // takes no room on the disk
});
afterAll(removeFolders);

/** Each command that reads a file which an option or the environment names. */
const READS: Readonly<Record<string, (path: string) => { argv: string[]; environment?: NodeJS.ProcessEnv }>> = {
  'the seed of the emulator': (path) => ({ argv: ['emulator', '--seed', path] }),
  'the token of a status page': (path) => ({ argv: ['status', 'http://127.0.0.1:1/s', '--token-file', path] }),
  'a status for a policy': (path) => ({ argv: ['policy', '--for', 'vault', '--status', path] }),
  'types that were written': (path) => ({ argv: ['types', '--source', 'env:NONE_', '--out', path] }),
  'the CAs of the environment': (path) => ({
    argv: ['doctor', '--source', 'env:NONE_'],
    environment: { NODE_EXTRA_CA_CERTS: path },
  }),
};

describe('files that the command line reads', () => {
  test.each(Object.entries(READS))('given %s as a pipe, a folder, or what is huge, when read, then it is refused at once, in words', async (_, of) => {
    for (const [path, why] of [
      [pipe, 'not a regular file'],
      [folderOfFiles, 'not a regular file'],
      [huge, 'more than 33554432 bytes'],
    ] as const) {
      const { argv, environment = {} } = of(path);
      const { code, out, err } = await called(argv, { environment });
      expect({ argv, code }).toEqual({ argv, code: argv[0] === 'doctor' ? 1 : 2 });
      expect(out + err).toContain(argv[0] === 'doctor' ? "names a file that can't be read" : why);
      expect(out + err).not.toMatch(/canary/);
    }
  }); // prettier-ignore

  test('given a status on standard input without an end, when a policy is printed, then it is cut off', async () => {
    let given = 0;
    const input = new PassThrough({ highWaterMark: 1 });
    const more = (): void => {
      given += 1;
      if (!input.destroyed) input.write(Buffer.alloc(8 * 1024 * 1024, 32), () => setImmediate(more));
    };
    more();
    const { code, err } = await called(['policy', '--for', 'vault', '--status', '-'], { input });
    expect(code).toBe(2);
    expect(err).toContain('standard input holds more');
    expect(given).toBeLessThan(10);
  });
});
