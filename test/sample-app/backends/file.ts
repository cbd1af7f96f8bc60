import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileSource } from 'nestjs-hcp-vault';
import type { BackendKind, Stored } from './backend.js';
import { SECRETS } from './backend.js';

export const file: BackendKind = {
  title: 'a file',
  needs: [],
  async start() {
    const folder = await mkdtemp(join(tmpdir(), 'sample-app-file-'));
    const path = join(folder, 'secrets.json');
    const content: Record<string, Stored> = { ...SECRETS };
    const write = async (): Promise<void> => {
      await writeFile(`${path}.new`, JSON.stringify(content));
      await rename(`${path}.new`, path);
    };
    await write();
    return {
      source: fileSource(path),
      isIssuing: false,
      isReadOnly: true,
      rotate(name, value) {
        content[name] = value;
        return write();
      },
      stored: async (name) => (JSON.parse(await readFile(path, 'utf8')) as Record<string, string>)[name],
      cut: () => rename(path, `${path}.away`),
      restore: () => rename(`${path}.away`, path),
      open: () => 0,
      stop: () => rm(folder, { recursive: true }),
    };
  },
};
